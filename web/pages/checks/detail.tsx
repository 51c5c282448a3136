import { type Check, shownStatus } from '../../client/checks.ts';
import { useStandings, withStanding } from '../../client/hooks.ts';
import { useRead } from '../../client/queries.ts';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { durationText } from '../../components/schema-form/text.ts';
import { Pill, StatusMark } from '../../components/status.tsx';
import { Ago, Exact, Since } from '../../components/time.tsx';
import { milliseconds } from '../../components/time-text.ts';
import { Told } from '../../components/told.tsx';
import type { RouteProps } from '../page.ts';
import { DetailActions } from './detail-actions.tsx';
import { DetailDefinition } from './detail-definition.tsx';
import { DetailEvents } from './detail-events.tsx';
import { DetailLatency } from './detail-latency.tsx';
import { DetailResults } from './detail-results.tsx';
import { DetailStrips } from './detail-strips.tsx';
import { DetailUptime } from './detail-uptime.tsx';
import './detail.css';

const CheckPage = ({ params: { id } }: RouteProps<'id'>) => {
  const read = useRead('checks', 'readCheck', { params: { id } });
  useStandings();
  return <Told read={read}>{(check) => <Detail check={withStanding(check)} />}</Told>;
};
export default CheckPage;

const Detail = ({ check }: { readonly check: Check }) => (
  <div class="stack check-detail">
    <PageHead title={check.name} actions={<DetailActions check={check} />}>
      <StatusMark status={shownStatus(check)} />
      {check.statusSince && <Since at={check.statusSince} />}
      <a href={`#/deployments/${encodeURIComponent(check.deploymentId)}`}>{check.deploymentId}</a>
      {check.managedBy === 'file' && <Pill tone="calm">owned by the file</Pill>}
      {!check.isActive && <Pill>not active</Pill>}
    </PageHead>
    <Standing check={check} />
    <DetailStrips check={check} />
    <DetailLatency id={check.id} name={check.name} />
    <div class="check-columns">
      <DetailUptime id={check.id} />
      <DetailEvents check={check} />
    </div>
    <DetailResults id={check.id} />
    <DetailDefinition check={check} />
  </div>
);

const pausedWhy = ({ isPaused, isActive }: Check): string | undefined => {
  if (isPaused) return 'Somebody paused it: it is not looked at.';
  return isActive ? undefined : 'Its definition says that it is not active: it is not looked at.';
};

const Standing = ({ check }: { readonly check: Check }) => {
  const reason = pausedWhy(check) ?? check.reason;
  return (
    <Panel>
      {reason && <p class={`check-why ${shownStatus(check)}`}>{reason}</p>}
      <Facts
        facts={[
          ['Kind', check.type],
          ['Target', <code key="target">{check.target || '–'}</code>],
          ['Interval', `every ${durationText(check.interval)}`],
          ['Last looked at', check.lastChecked ? <Ago at={check.lastChecked} key="looked" /> : 'not yet'],
          check.responseTime !== null && ['Response time', milliseconds(check.responseTime)],
          check.parent && [
            'Hangs on',
            check.parent.deploymentId === check.deploymentId
              ? check.parent.name
              : `${check.parent.deploymentId}/${check.parent.name}`,
          ],
          [
            'Changed',
            <span key="changed">
              <Exact at={check.updatedAt} />, revision {check.revision}
            </span>,
          ],
          Object.keys(check.tags).length > 0 && ['Tags', <Tags key="tags" tags={check.tags} />],
        ]}
      />
    </Panel>
  );
};

const Tags = ({ tags }: { readonly tags: Check['tags'] }) => (
  <span class="row check-tags">
    {Object.entries(tags).map(([name, value]) => (
      <a
        key={name}
        class="small"
        href={`#/checks?tag=${encodeURIComponent(`${name}:${value}`)}`}
      >{`${name}: ${value}`}</a>
    ))}
  </span>
);
