import type { Answer } from '../../client/call.ts';
import { type Check, shownStatus } from '../../client/checks.ts';
import { useRead } from '../../client/queries.ts';
import type { CheckStrip } from '../../client/strips.ts';
import { Panel } from '../../components/panel.tsx';
import { StatusMark } from '../../components/status.tsx';
import { Strip } from '../../components/strip.tsx';
import { withStatusNow } from '../../components/strip-text.ts';
import { Told } from '../../components/told.tsx';
import { type StatusCounts, statusOrder } from '../checks/filter.ts';
import { comparedText, usd } from './situation.ts';

export const Counts = ({ counts }: { readonly counts: StatusCounts }) => (
  <ul class="overview-counts" aria-label="Checks by status">
    {statusOrder
      .filter((status) => status !== 'paused' || counts.paused > 0)
      .map((status) => (
        <li key={status}>
          <a href={`#/checks?status=${status}`} class={counts[status] > 0 ? status : 'none'}>
            <span class="number numbers">{counts[status]}</span>
            <StatusMark status={status} />
          </a>
        </li>
      ))}
  </ul>
);

type Deployment = Answer<'listDeployments'>['items'][number];
const mostDeployments = 40;

const worstFirst = (left: Deployment, right: Deployment): number =>
  statusOrder.indexOf(left.health.status) - statusOrder.indexOf(right.health.status) ||
  left.deploymentId.localeCompare(right.deploymentId);

const shareText = ({ counts }: Deployment['health']): string =>
  counts.total === 0 ? 'no checks' : `${counts.healthy} of ${counts.total} healthy`;

export const Deployments = ({ deployments }: { readonly deployments: readonly Deployment[] }) => (
  <Panel title="Deployments" actions={<a href="#/deployments">All deployments</a>}>
    <ul class="overview-deployments">
      {deployments
        .toSorted(worstFirst)
        .slice(0, mostDeployments)
        .map(({ deploymentId, environment, health }) => (
          <li key={deploymentId}>
            <a href={`#/deployments/${encodeURIComponent(deploymentId)}`} title={health.reason}>
              <span class="cut">{deploymentId}</span>
              <StatusMark status={health.status} />
              <span class="small soft cut">{environment}</span>
              <span class="small soft numbers">{shareText(health)}</span>
            </a>
          </li>
        ))}
    </ul>
    {deployments.length > mostDeployments && (
      <p>
        <a href="#/deployments">And {deployments.length - mostDeployments} more</a>
      </p>
    )}
  </Panel>
);

type OthersProps = { readonly checks: readonly Check[]; stripOf(id: string): CheckStrip | undefined };

export const LastDay = ({ checks, stripOf }: OthersProps) => (
  <Panel title="Last 24 hours" actions={<a href="#/checks">All checks</a>}>
    <ul class="overview-strips">
      {checks.map((check) => {
        const strip = stripOf(check.id);
        return (
          <li key={check.id}>
            <div class="row overview-strip-head">
              <a class="cut" href={`#/checks/${check.id}`} title={check.deploymentId}>
                {check.name}
              </a>
              {check.status !== 'healthy' && <StatusMark status={shownStatus(check)} />}
            </div>
            {strip ? (
              <Strip {...strip} statuses={withStatusNow(strip.statuses, check.status)} label={check.name} />
            ) : (
              <span class="strip" />
            )}
          </li>
        );
      })}
    </ul>
  </Panel>
);

const costEveryMs = 600_000;

/** What Homeostat itself costs: prices change seldom, so it is asked for seldom. */
export const OwnCost = () => {
  const cost = useRead('checks', 'readOwnCost', {}, { everyMs: costEveryMs });
  return (
    <Panel title="What Homeostat itself costs">
      <Told read={cost}>
        {({ monthToDateUsd, projectedMonthUsd, restingUsd, checksUsd, looks, syntheticsUsd, basis }) => {
          const times = comparedText(projectedMonthUsd, syntheticsUsd);
          const checksOnly = checksUsd.computeUsd + checksUsd.storageUsd + checksUsd.messagesUsd;
          return (
            <div class="overview-cost">
              <p>
                <span class="number numbers">{usd(monthToDateUsd)}</span> this month so far,{' '}
                <strong class="numbers">{usd(projectedMonthUsd)}</strong> for a whole month
              </p>
              <p class="small soft">
                {usd(restingUsd)} at rest, {usd(checksOnly)} for {looks.toLocaleString('en')} looks.
                {times &&
                  ` The same checks as CloudWatch Synthetics canaries: ${usd(syntheticsUsd)} a month, ${times}.`}
              </p>
              <p class="small soft">{basis}</p>
            </div>
          );
        }}
      </Told>
    </Panel>
  );
};
