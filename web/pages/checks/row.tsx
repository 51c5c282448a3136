import { type Check, shownStatus } from '../../client/checks.ts';
import type { CheckStrip } from '../../client/strips.ts';
import { StatusMark } from '../../components/status.tsx';
import { Strip } from '../../components/strip.tsx';
import { withStatusNow } from '../../components/strip-text.ts';
import { Ago, Since } from '../../components/time.tsx';
import { milliseconds } from '../../components/time-text.ts';

/** A paused check and a healthy one need no reason; of the others it is the first thing one wants to know. */
const Reason = ({ check }: { readonly check: Check }) => {
  const { reason, statusSince } = check;
  const status = shownStatus(check);
  if (status === 'healthy' || status === 'paused' || (!reason && !statusSince)) return null;
  return (
    <p class={`checks-reason small ${status}`} title={reason ?? undefined}>
      {reason}
      {statusSince && (
        <span class="soft">
          {reason && ' · '}
          <Since at={statusSince} />
        </span>
      )}
    </p>
  );
};

/** The 24 hours of a check with its status now as the newest; keeps its place until they are read. */
export const CheckStripCell = ({
  check,
  strip,
}: {
  readonly check: Pick<Check, 'name' | 'status'>;
  readonly strip: CheckStrip | undefined;
}) =>
  strip ? (
    <Strip
      statuses={withStatusNow(strip.statuses, check.status)}
      uptimePercents={strip.uptimePercents}
      from={strip.from}
      bucketSeconds={strip.bucketSeconds}
    />
  ) : (
    <span class="strip" />
  );

/** What a row shows, in the order of the columns. */
export const cellsOf = (check: Check, strip: CheckStrip | undefined) => [
  <StatusMark key="status" status={shownStatus(check)} />,
  <div key="name">
    <a class="checks-name" href={`#/checks/${check.id}`}>
      {check.name}
    </a>
    <Reason check={check} />
  </div>,
  <span key="deployment" class="checks-deployment cut soft">
    {check.deploymentId}
  </span>,
  <div key="target" class="cut small" title={check.target}>
    <span class="soft">{check.type}</span> <span class="mono">{check.target}</span>
  </div>,
  <CheckStripCell key="strip" check={check} strip={strip} />,
  <span key="response" class="numbers">
    {milliseconds(check.responseTime)}
  </span>,
  <span key="checked" class="numbers small soft">
    {check.lastChecked ? <Ago at={check.lastChecked} /> : 'not yet'}
  </span>,
];
