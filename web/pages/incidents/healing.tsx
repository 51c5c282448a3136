import { useMay } from '../../client/hooks.ts';
import { useRead } from '../../client/queries.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { Told } from '../../components/told.tsx';
import type { IncidentDetail } from './words.ts';

/** What failed may have been looked at by a policy a little before the incident was there. */
const overlapMs = 10 * 60_000;
const mostShown = 10;

/** What was done about it: the remediations of its deployment while it lasted. */
export const Healing = ({ incident }: { readonly incident: IncidentDetail }) =>
  incident.deploymentId === null ? null : <OfDeployment {...incident} deploymentId={incident.deploymentId} />;

type OfDeploymentProps = Pick<IncidentDetail, 'openedAt' | 'resolvedAt' | 'status'> & {
  readonly deploymentId: string;
};

const OfDeployment = ({ deploymentId, openedAt, resolvedAt, status }: OfDeploymentProps) => {
  const mayOperate = useMay('operate');
  const from = new Date(Date.parse(openedAt) - overlapMs).toISOString();
  const to = resolvedAt ?? undefined;
  const read = useRead('remediations', 'listRemediations', {
    query: { deploymentId, from, limit: mostShown, ...(to !== undefined && { to }) },
  });
  return (
    <Panel
      title="Healing"
      actions={
        mayOperate &&
        status !== 'resolved' && (
          <ButtonLink href={`#/remediations/ask?deployment=${encodeURIComponent(deploymentId)}`}>
            Heal …
          </ButtonLink>
        )
      }
    >
      <Told read={read}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="soft">
              Nothing was changed in {deploymentId} while it lasted. <a href="#/policies">Policies</a> say
              what may be done by itself.
            </p>
          ) : (
            <ul class="incident-remedies">
              {items.map(({ id, title, status: stands, startedAt }) => (
                <li key={id} class="row">
                  <a href={`#/remediations/${id}`}>{title}</a>
                  <Pill tone={remedyTone(stands)}>{stands.replaceAll('_', ' ')}</Pill>
                  <span class="push small soft">
                    <Ago at={startedAt} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Told>
    </Panel>
  );
};

const remedyTone = (status: string): 'good' | 'warn' | 'bad' | 'plain' => {
  if (status === 'succeeded' || status === 'confirmed') return 'good';
  if (status === 'failed' || status === 'unknown') return 'bad';
  return status === 'waiting' || status === 'held' ? 'warn' : 'plain';
};
