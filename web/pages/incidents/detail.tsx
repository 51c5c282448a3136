import { useCallback, useEffect, useState } from 'preact/hooks';
import { useRead } from '../../client/queries.ts';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { SeverityMark } from '../../components/status.tsx';
import { Exact } from '../../components/time.tsx';
import { isMissing, Told } from '../../components/told.tsx';
import type { RouteProps } from '../page.ts';
import { Actions } from './actions.tsx';
import { Alerts } from './alerts.tsx';
import { Happened } from './happened.tsx';
import { Healing } from './healing.tsx';
import { Notified } from './notified.tsx';
import { Lasted, StatusPill } from './row.tsx';
import { Terminal } from './terminal.tsx';
import { type IncidentDetail, oddities, principalWords } from './words.ts';
import './detail.css';

const IncidentPage = ({ params: { id } }: RouteProps<'id'>) => {
  const read = useRead('incidents', 'readIncident', { params: { id } });
  return (
    <>
      {!read.data && !isMissing(read) && <PageHead title="Incident" />}
      <Told read={read}>{(incident) => <Shown incident={incident} />}</Told>
    </>
  );
};
export default IncidentPage;

/** What a person did stands on the timeline a moment after the answer: so long it is looked for each second. */
const livelyMs = 10_000;

const useSaid = () => {
  const [said, setSaid] = useState({ sentence: '', no: 0 });
  const [isLively, setLively] = useState(false);
  useEffect(() => {
    if (said.no === 0) return;
    setLively(true);
    const timer = setTimeout(() => setLively(false), livelyMs);
    return () => clearTimeout(timer);
  }, [said.no]);
  const say = useCallback((sentence: string) => setSaid(({ no }) => ({ sentence, no: no + 1 })), []);
  return { said: said.sentence, isLively, say };
};

const Shown = ({ incident }: { readonly incident: IncidentDetail }) => {
  const { said, isLively, say } = useSaid();
  const { id, title, severity, deploymentId } = incident;
  return (
    <div class="stack incident">
      <PageHead title={title}>
        <SeverityMark severity={severity} />
        <StatusPill incident={incident} />
        {deploymentId !== null && (
          <a href={`#/deployments/${encodeURIComponent(deploymentId)}`}>{deploymentId}</a>
        )}
      </PageHead>
      <Actions incident={incident} onSaid={say} />
      <p class={said ? 'incident-said' : 'unseen'} role="status" aria-live="polite">
        {said}
      </p>
      <div class="incident-columns">
        <div class="stack">
          <FactsPanel incident={incident} />
          <Alerts incident={incident} />
          <Notified incident={incident} onSaid={say} />
          <Healing incident={incident} />
        </div>
        <div class="stack">
          <Happened incident={incident} isLively={isLively} onSaid={say} />
          <Terminal id={id} alerts={incident.alerts} />
        </div>
      </div>
    </div>
  );
};

const FactsPanel = ({ incident }: { readonly incident: IncidentDetail }) => {
  const { openedAt, acknowledgedAt, acknowledgedBy, resolvedAt, resolvedBy, firing, resolved } = incident;
  const odd = oddities(incident);
  return (
    <Panel title="How it stands">
      <Facts
        facts={[
          ['Opened', <Exact key="opened" at={openedAt} />],
          [resolvedAt === null ? 'Lasts' : 'Lasted', <Lasted key="lasts" incident={incident} />],
          ['Alerts', `${firing} of ${firing + resolved} fire`],
          acknowledgedAt !== null && [
            'Acknowledged',
            <span key="acknowledged">
              {acknowledgedBy !== null && `${principalWords(acknowledgedBy)}, `}
              <Exact at={acknowledgedAt} />
            </span>,
          ],
          resolvedAt !== null && [
            'Resolved',
            <span key="resolved">
              {resolvedBy === null ? 'by itself, ' : `${principalWords(resolvedBy)}, `}
              <Exact at={resolvedAt} />
            </span>,
          ],
        ]}
      />
      {odd.map((sentence) => (
        <p key={sentence} class="incident-odd">
          {sentence}
        </p>
      ))}
    </Panel>
  );
};
