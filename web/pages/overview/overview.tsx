import { useQueryClient } from '@tanstack/preact-query';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useAllChecks } from '../../client/checks.ts';
import { useList, useRead } from '../../client/queries.ts';
import { useStrips } from '../../client/strips.ts';
import { PageHead } from '../../components/panel.tsx';
import { ProblemNote, Waiting } from '../../components/told.tsx';
import { countByStatus, type StatusCounts } from '../checks/filter.ts';
import { NoChecks } from '../checks/no-checks.tsx';
import { Counts, Deployments, LastDay, OwnCost } from './at-a-glance.tsx';
import { byUrgency, othersOf, wrongChecks } from './situation.ts';
import { ActiveIncidents, CalmNote, mostShown, WaitingPlans, WrongChecks } from './wrong.tsx';
import './overview.css';

/** With those that are wrong, fewer than one question of strips may have. */
const mostOthers = 50;

/** The checks, and until all of them are read the summary, which is one small answer. */
const useSituation = () => {
  const { checks, isWhole, error, more } = useAllChecks();
  const summary = useRead('checks', 'readOverview', {}, { enabled: !isWhole });
  const wrong = useMemo(
    () => wrongChecks(checks ?? [], isWhole ? [] : summary.data?.unhealthy),
    [checks, isWhole, summary.data],
  );
  const counts = useMemo((): StatusCounts | undefined => {
    if (checks && isWhole) return countByStatus(checks);
    const counted = summary.data?.checks;
    return counted && { ...counted, all: counted.total, paused: 0 };
  }, [checks, isWhole, summary.data]);
  return { checks, isWhole, error, more, wrong, counts };
};

/** A deployment's status follows from its checks': asked for anew when one of them stands otherwise. */
const useDeployments = (standing: string) => {
  const client = useQueryClient();
  const before = useRef(standing);
  useEffect(() => {
    if (before.current === standing) return;
    before.current = standing;
    void client.invalidateQueries({ queryKey: ['deployments'] });
  }, [client, standing]);
  return useList('deployments', 'listDeployments', { limit: 200 }, { all: true });
};

/** What one answer puts in sight would push away what another did: they wait for one another, though not for long. */
const longestWaitMs = 1500;
const useTogether = (areAllThere: boolean): boolean => {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), longestWaitMs);
    return () => clearTimeout(timer);
  }, []);
  return areAllThere || isLate;
};

const isAnswered = ({ items, error }: { readonly items: unknown; readonly error: Error | null }): boolean =>
  items !== undefined || error !== null;

const OverviewPage = () => {
  const { checks, isWhole, error, more, wrong, counts } = useSituation();
  const incidents = useList('incidents', 'listIncidents', { status: 'active', limit: 100 });
  const plans = useList('remediations', 'listRemediations', { status: 'waiting', limit: 50 });
  const deployments = useDeployments(wrong.map(({ id, status }) => id + status).join());
  const { stripOf, want } = useStrips();
  const others = useMemo(() => othersOf(checks ?? [], wrong, mostOthers), [checks, wrong]);
  const wanted = [...wrong.slice(0, mostShown), ...others].map(({ id }) => id);
  useEffect(() => {
    if (wanted.length > 0) want(wanted);
  }, [wanted.join(), want]);

  const isFirstStart = isWhole && checks?.length === 0;
  const active = incidents.items?.toSorted(byUrgency) ?? [];
  const waiting = plans.items ?? [];
  const isAllRead = isWhole && incidents.items !== undefined && plans.items !== undefined;
  const isNothingWrong = wrong.length === 0 && active.length === 0 && waiting.length === 0;
  const isKnown = error !== null || (counts !== undefined && checks !== undefined);
  if (!useTogether(isKnown && [incidents, plans, deployments].every(isAnswered))) {
    return (
      <div class="stack">
        <PageHead title="Overview" />
        <Waiting what="Reading how things stand" />
      </div>
    );
  }
  return (
    <div class="stack">
      <PageHead title="Overview" />
      {error && <ProblemNote error={error} again={more} />}
      {incidents.error && <ProblemNote error={incidents.error} again={incidents.more} />}
      {plans.error && <ProblemNote error={plans.error} again={plans.more} />}
      {!counts && !error && <Waiting what="Reading how things stand" />}
      {wrong.length > 0 && <WrongChecks wrong={wrong} stripOf={stripOf} />}
      {active.length > 0 && <ActiveIncidents incidents={active} isMore={incidents.isMore} />}
      {waiting.length > 0 && <WaitingPlans plans={waiting} />}
      {isFirstStart && <NoChecks />}
      {checks && counts && isNothingWrong && !isFirstStart && (
        <CalmNote checks={checks} counts={counts} isWhole={isAllRead} />
      )}
      {counts && !isFirstStart && <Counts counts={counts} />}
      {(deployments.items?.length ?? 0) > 0 && <Deployments deployments={deployments.items ?? []} />}
      {others.length > 0 && <LastDay checks={others} stripOf={stripOf} />}
      <OwnCost />
    </div>
  );
};
export default OverviewPage;
