import { addressOf } from '../../client/call.ts';
import type { Check } from '../../client/checks.ts';
import { useOperationSchema } from '../../client/schemas.ts';
import { Copy } from '../../components/copy.tsx';
import { Panel } from '../../components/panel.tsx';
import { bodyFrom } from '../../components/schema-form/index.ts';
import { Told } from '../../components/told.tsx';
import { Yaml } from '../../components/yaml.tsx';
import { checkInFile } from './check-yaml.ts';

/** The definition as a file writes it; for what a file owns, the way to change it. */
export const DetailDefinition = ({ check }: { readonly check: Check }) => {
  const schema = useOperationSchema('createCheck');
  const isOfFile = check.managedBy === 'file';
  const badge = new URL(addressOf('readBadge', { params: { id: check.id } }), document.baseURI).href;
  return (
    <Panel title="Definition">
      {isOfFile && (
        <p>
          A file owns this check: change it in <code>homeostat.yaml</code> and apply that. Here it can be
          looked at and paused.
        </p>
      )}
      <details open={isOfFile}>
        <summary>As YAML</summary>
        <Told read={schema}>
          {(data) => (
            <Yaml label={`${check.name} as YAML`} value={checkInFile(data, bodyFrom(data, check))} />
          )}
        </Told>
      </details>
      {check.isPublic && (
        <div class="row check-badge">
          <a href={badge}>
            <img src={badge} alt={`Badge: status of ${check.name}`} height={20} />
          </a>
          <span class="soft small">It is public: the badge needs no token.</span>
          <Copy text={`![${check.name}](${badge})`}>Copy for Markdown</Copy>
        </div>
      )}
    </Panel>
  );
};
