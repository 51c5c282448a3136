import { Panel } from '../components/panel.tsx';
import { Yaml } from '../components/yaml.tsx';

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
export const Definition = ({ section, definition, isSingle, isOfFile }: DefinitionProps) => (
  <Panel title="As homeostat.yaml">
    {isOfFile && <p class="soft">A file owns it: change it there, and it follows.</p>}
    <Yaml label="As homeostat.yaml" value={{ [section]: isSingle ? definition : [definition] }} />
  </Panel>
);
