import type { TeamFunctions } from '../platform/aws/function.aws.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { alertsOfRules, keyOfAlert, noAlert, type StoredAlert } from './alerts-store.ts';
import { closing, isActive, readingSettling, settleAll } from './evaluate.ts';
import { withdrawFrom } from './project-rules.ts';
import { loadRule } from './registry.ts';
import type { RuleRecord } from './rule.ts';
import { type RulePlan, readRulePlan } from './rule-plan.ts';
import { type JudgeTools, seenNothing } from './rules-of.ts';
import type { Series } from './series.ts';
import type { Settling } from './settle-alert.ts';
import type { RuleTick } from './signal.ts';
import { feedOf, typeOf } from './types/registry.ts';
import type { Reading, Seen } from './types/type.ts';

export type TickTools = JudgeTools & {
  /** Shards of rules as they were read last, by shard: a warm function reads them again only when they changed. */
  readonly plans: Map<string, RulePlan>;
  /** Functions of the team's own; none were listed at deploy. */
  readonly teamFunctions: TeamFunctions | undefined;
};

/** What comes so late has long been followed by newer ticks: two a minute. */
const latestMs = 120_000;
/** A team's function that takes longer gave no answer. */
const verdictMs = 10_000;
const functionsAtOnce = 8;
/** None is asked later in a run, so that a shard of functions that all hang ends in time for the others of its batch. */
const askingMs = 5_000;
/** Of a large installation memory keeps so many shards of rules. */
const mostPlans = 200;

/**
 * Judges the rules of a shard for the instant that the tick names, from one read of all their series. Nothing is written
 * unless a state changes; a tick that comes again or late finds the same, or readings that are older than what is known.
 * Before a first write for a rule the registry is asked whether the rule is still so: the shard's is a projection.
 */
export const judgeTick = async (tick: RuleTick, tools: TickTools): Promise<void> => {
  if (tools.clock() - tick.at > latestMs) return;
  const { rules } = await planOf(tick, tools);
  const active = rules.filter(({ definition }) => definition.isActive);
  if (active.length === 0) return;
  const [seen, alerts] = await Promise.all([
    seenBy(active, tick.at, tools),
    alertsOfRules(
      tools.state,
      active.map(({ id }) => id),
    ),
  ]);
  const byRule = Map.groupBy(alerts, ({ key }) => key.sk.slice(0, key.sk.indexOf('#')));
  const stale = new Set<string>();
  const settlings: Settling[] = [];
  for (const [at, rule] of active.entries()) {
    const own = byRule.get(rule.id) ?? [];
    const isStillSo = askedOnce(rule, stale, tools);
    const seenByIt = seen[at];
    if (!seenByIt) continue;
    const found = await settlingsOf(rule, seenByIt, own, tick.at, tools);
    settlings.push(...found.map((settling) => ({ ...settling, isStillSo })));
  }
  await settleAll(
    settlings.map((settling) => [settling]),
    tools,
  );
  for (const ruleId of stale) {
    tools.plans.delete(tick.shard);
    await withdrawFrom(tick.shard, ruleId, tools);
  }
};

const planOf = async ({ shard, version }: RuleTick, { plans, telemetry }: TickTools): Promise<RulePlan> => {
  const known = plans.get(shard);
  if (known && version !== undefined && known.version >= version) return known;
  const plan = await readRulePlan(telemetry, shard, { consistent: true });
  plans.delete(shard);
  plans.set(shard, plan);
  const [oldest] = plans.keys();
  if (plans.size > mostPlans && oldest !== undefined) plans.delete(oldest);
  return plan;
};

/** What each rule looks at, in their order, undefined for one that is not judged this time; all series in one read, so that rules of one check share it. */
const seenBy = async (
  rules: readonly RuleRecord[],
  now: number,
  tools: TickTools,
): Promise<readonly (Seen | undefined)[]> => {
  const queries = rules.map(({ definition }) => {
    return feedOf(definition) === 'series'
      ? (typeOf(definition.type).queries?.({ rule: definition, now }) ?? [])
      : [];
  });
  const [answers, { verdicts, unasked }] = await Promise.all([
    tools.sight.read(queries.flat()),
    verdictsOf(rules, now, tools),
  ]);
  let next = 0;
  return rules.map((rule, at) => {
    const series = answers.slice(next, next + (queries[at]?.length ?? 0));
    next += series.length;
    if (unasked.has(rule.id)) return undefined;
    return { ...seenNothing, series, verdict: verdicts.get(rule.id) };
  });
};

/**
 * What the team's functions answer; one that fails, hangs or may not be called gives no verdict. Whose function was not
 * even asked is not judged: missing data it is not.
 */
const verdictsOf = async (
  rules: readonly RuleRecord[],
  now: number,
  { teamFunctions, onFault, clock }: TickTools,
): Promise<{ readonly verdicts: ReadonlyMap<string, unknown>; readonly unasked: ReadonlySet<string> }> => {
  const verdicts = new Map<string, unknown>();
  const unasked = new Set<string>();
  const endsAt = clock() + askingMs;
  const asking = rules.filter(({ definition }) => feedOf(definition) === 'verdict');
  await inParallel(asking, functionsAtOnce, async (rule) => {
    const { name, deploymentId, condition } = rule.definition;
    const arn = String(condition.function);
    try {
      if (!teamFunctions) throw new Error('no functions of the team were listed at deploy');
      if (clock() >= endsAt) {
        unasked.add(rule.id);
        throw new Error('the functions of other rules took so long that its own was not asked this time');
      }
      const payload = { rule: { id: rule.id, name, deploymentId }, at: new Date(now).toISOString() };
      verdicts.set(rule.id, await teamFunctions.invoke(arn, payload, AbortSignal.timeout(verdictMs)));
    } catch (error) {
      onFault(rule, error as Error);
    }
  });
  return { verdicts, unasked };
};

const settlingsOf = async (
  rule: RuleRecord,
  seen: Seen,
  alerts: readonly StoredAlert[],
  now: number,
  tools: TickTools,
): Promise<Settling[]> => {
  const { definition } = rule;
  let readings: readonly Reading[];
  try {
    readings = await typeOf(definition.type).judge({ rule: definition, now }, seen);
  } catch (error) {
    tools.onFault(rule, error as Error);
    return [];
  }
  const byKey = new Map(alerts.map((stored) => [stored.key.sk, stored]));
  const moved = readings.flatMap((reading) => {
    const key = keyOfAlert(rule.id, reading.subject.key);
    const settling = readingSettling(rule, reading, byKey.get(key.sk) ?? noAlert(key), now);
    return isToBeSettled(settling) ? [settling] : [];
  });
  const read = new Set(readings.map(({ subject }) => subject.key));
  const gone = alerts.filter(
    ({ alert }) => alert && !read.has(alert.subject.key) && isGone(alert.subject, rule, seen),
  );
  return [
    ...moved,
    ...gone
      .filter((stored) => isActive(stored) || stored.isUntold)
      .map((stored) => closing(stored, rule, goneReason, now)),
  ];
};

const goneReason = 'it is not looked at any more: paused, removed, or not selected by the rule';

/** Mostly nothing is to be written. */
const isToBeSettled = ({ found, decide }: Settling): boolean => {
  const decided = decide(found.alert);
  return found.isUntold || (decided !== undefined && decided.alert !== found.alert);
};

/** Whether nothing that the rule looks at is behind an alert any more. Too little to judge is not nothing. */
const isGone = (
  { key, deploymentId }: { readonly key: string; readonly deploymentId: string | null },
  rule: RuleRecord,
  { series }: Seen,
): boolean => {
  if (feedOf(rule.definition) !== 'series') return false;
  const about = (test: (one: Series) => boolean): boolean => series.some((answer) => answer.some(test));
  if (key === 'rule') return !about(() => true);
  if (key.startsWith('deployment:')) return !about(({ subject }) => subject.deploymentId === deploymentId);
  return !about(({ subject }) => subject.key === key);
};

/** Asks the registry once a run whether the rule is still as it is judged here. */
const askedOnce = (rule: RuleRecord, stale: Set<string>, { state }: TickTools): (() => Promise<boolean>) => {
  let asked: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    const now = await loadRule(state, rule.id);
    const isSame = now?.definition.isActive === true && now.revision === rule.revision;
    if (!isSame) stale.add(rule.id);
    return isSame;
  };
  return () => {
    asked ??= ask();
    return asked;
  };
};
