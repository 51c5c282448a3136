import { useEffect, useState } from 'preact/hooks';
import { Copy } from '../components/copy.tsx';
import { Panel } from '../components/panel.tsx';
import { Waiting } from '../components/told.tsx';

type DefinitionProps = {
  /** The list of homeostat.yaml that it stands in. */
  readonly section: string;
  readonly definition: Readonly<Record<string, unknown>>;
  /** The section is the thing itself and no list. */
  readonly isSingle?: boolean;
  /** The file owns it: here it is only read. */
  readonly isOfFile?: boolean;
};

/** A definition as homeostat.yaml writes it, to copy: for the file that owns it, or one it should move to. */
export const Definition = ({ section, definition, isSingle, isOfFile }: DefinitionProps) => {
  const [text, setText] = useState<string>();
  useEffect(() => {
    let isGone = false;
    // A chunk of its own: most visits never look at YAML.
    void import('yaml').then(({ stringify }) => {
      const document = { [section]: isSingle ? definition : [definition] };
      if (!isGone) setText(stringify(document, { lineWidth: 100 }));
    });
    return () => {
      isGone = true;
    };
  }, [section, definition, isSingle]);
  return (
    <Panel title="As homeostat.yaml" actions={text !== undefined && <Copy text={text}>Copy YAML</Copy>}>
      {isOfFile && <p class="soft">A file owns it: change it there, and it follows.</p>}
      {text === undefined ? (
        <Waiting />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
        <pre class="table-scroll" tabIndex={0}>
          <code>{text}</code>
        </pre>
      )}
    </Panel>
  );
};
