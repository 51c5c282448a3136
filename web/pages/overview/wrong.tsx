import type { Answer } from '../../client/call.ts';
import type { Check } from '../../client/checks.ts';
import type { CheckStrip } from '../../client/strips.ts';
import { Panel } from '../../components/panel.tsx';
import { Pill, SeverityMark, StatusMark } from '../../components/status.tsx';
import { Strip } from '../../components/strip.tsx';
import { withStatusNow } from '../../components/strip-text.ts';
import { Ago, Since, useNow } from '../../components/time.tsx';
import type { StatusCounts } from '../checks/filter.ts';
import { principalWords } from '../incidents/words.ts';
import { calmOf, type Incident, knownUntil, type WrongCheck } from './situation.ts';

/** More than this is read better in the list, which it leads to. */
export const mostShown = 12;

type WrongProps = {
  readonly wrong: readonly WrongCheck[];
  stripOf(id: string): CheckStrip | undefined;
};

export const WrongChecks = ({ wrong, stripOf }: WrongProps) => (
  <Panel title={`Wrong now: ${wrong.length} ${wrong.length === 1 ? 'check' : 'checks'}`}>
    <ul class="overview-list">
      {wrong.slice(0, mostShown).map(({ id, name, deploymentId, status, reason, since }) => {
        const strip = stripOf(id);
        return (
          <li key={id} class="overview-wrong">
            <StatusMark status={status} />
            <div>
              <a href={`#/checks/${id}`}>{name}</a> <span class="soft small">{deploymentId}</span>
              {reason && <p class={`small overview-reason ${status}`}>{reason}</p>}
            </div>
            <span class="soft small overview-since">{since && <Since at={since} />}</span>
            {strip ? (
              <Strip {...strip} statuses={withStatusNow(strip.statuses, status)} label={name} />
            ) : (
              <span class="strip" />
            )}
          </li>
        );
      })}
    </ul>
    {wrong.length > mostShown && (
      <p>
        <a href="#/checks">And {wrong.length - mostShown} more: see them all</a>
      </p>
    )}
  </Panel>
);

export const ActiveIncidents = ({
  incidents,
  isMore,
}: {
  readonly incidents: readonly Incident[];
  readonly isMore: boolean;
}) => (
  <Panel
    title={`Active incidents: ${incidents.length}${isMore ? '+' : ''}`}
    actions={<a href="#/incidents">All incidents</a>}
  >
    <ul class="overview-list">
      {incidents
        .slice(0, mostShown)
        .map(({ id, title, severity, status, openedAt, acknowledgedBy, deploymentId }) => (
          <li key={id} class="overview-item">
            <SeverityMark severity={severity} />
            <div>
              <a href={`#/incidents/${id}`}>{title}</a>{' '}
              {deploymentId && <span class="soft small">{deploymentId}</span>}
              <p class="small soft">
                opened <Ago at={openedAt} />
                {acknowledgedBy && `, acknowledged by ${principalWords(acknowledgedBy)}`}
              </p>
            </div>
            {status === 'open' ? (
              <Pill tone="bad">not acknowledged</Pill>
            ) : (
              <Pill tone="calm">acknowledged</Pill>
            )}
          </li>
        ))}
    </ul>
  </Panel>
);

type Plan = Answer<'listRemediations'>['items'][number];

export const WaitingPlans = ({ plans }: { readonly plans: readonly Plan[] }) => (
  <Panel
    title={`Waiting for approval: ${plans.length}`}
    actions={<a href="#/remediations">All remediations</a>}
  >
    <ul class="overview-list">
      {plans.map(({ id, title, severity, deploymentId, startedAt, resources, reason }) => (
        <li key={id} class="overview-item">
          <SeverityMark severity={severity} />
          <div>
            <a href={`#/remediations/${id}`}>{title}</a> <span class="soft small">{deploymentId}</span>
            <p class="small soft">
              asked <Ago at={startedAt} />
              {resources.length > 0 && ` for ${resources.join(', ')}`}
              {reason && `: ${reason}`}
            </p>
          </div>
          <Pill tone="warn">waits for approval</Pill>
        </li>
      ))}
    </ul>
  </Panel>
);

type CalmProps = {
  readonly checks: readonly Check[];
  readonly counts: StatusCounts;
  readonly isWhole: boolean;
};

const shapes = { fine: '✓', unsure: '?', reading: '…' } as const;

/** Nothing is known to be wrong: calm when it is certain, and not when it is not. */
export const CalmNote = ({ checks, counts, isWhole }: CalmProps) => {
  const now = useNow();
  const { mood, title, detail } = calmOf({ counts, isWhole, knownUntil: knownUntil(checks), now });
  const newest = checks.reduce(
    (latest, { lastChecked }) => ((lastChecked ?? '') > latest ? (lastChecked ?? '') : latest),
    '',
  );
  return (
    <section class={`panel overview-calm ${mood}`}>
      <span class="shape" aria-hidden="true">
        {shapes[mood]}
      </span>
      <div>
        <h2>{title}</h2>
        <p class="soft">
          {detail}
          {newest && (
            <>
              {' '}
              Last looked <Ago at={newest} />.
            </>
          )}
        </p>
      </div>
    </section>
  );
};
