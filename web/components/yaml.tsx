import { useEffect, useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { Copy } from './copy.tsx';
import './yaml.css';

type Writer = (value: unknown) => string;

/** What writes YAML is a chunk of its own, loaded when it is first wanted. */
const loadWriter = async (): Promise<Writer> => {
  const { stringify } = await import('yaml');
  return (value) => stringify(value, { lineWidth: 0 });
};

/** Undefined until it is loaded. */
export const useYamlWriter = (): Writer | undefined => {
  const [writer, setWriter] = useState<{ readonly write: Writer }>();
  useEffect(() => {
    let isGone = false;
    loadWriter().then(
      (write) => !isGone && setWriter({ write }),
      // Without it nothing is offered: it is tried again when the page is opened again.
      () => {},
    );
    return () => {
      isGone = true;
    };
  }, []);
  return writer?.write;
};

/** Copies an object as YAML; `value` is asked for when it is pressed. */
export const CopyYaml = ({
  value,
  children = 'Copy as YAML',
}: {
  value(): unknown;
  readonly children?: string;
}) => {
  const write = useYamlWriter();
  if (!write) return <Button disabled>{children}</Button>;
  return <Copy text={() => write(value())}>{children}</Copy>;
};

/** An object as YAML, to read and to copy. */
export const Yaml = ({ value, label }: { readonly value: unknown; readonly label: string }) => {
  const write = useYamlWriter();
  const text = write?.(value);
  return (
    <div class="yaml">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section aria-label={label} tabIndex={0}>
        <pre>{text ?? '…'}</pre>
      </section>
      <div>{text === undefined ? <Button disabled>Copy</Button> : <Copy text={text}>Copy as YAML</Copy>}</div>
    </div>
  );
};
