import { channelNamesIn, memberNames } from '../alerting/api.ts';
import { type ApplyRequest, changeKinds, mostChanges } from '../convergence/index.ts';
import { type CheckReference, membersOf } from '../health/index.ts';
import type { WrittenStatusPage } from '../status-pages/api.ts';
import type { Defined } from './definition.ts';

type Change = ApplyRequest['changes'][number];

/** One thing to be written or removed, and the change that says so. */
export type Step = { readonly object: Defined; readonly change: Change };

/** The API takes 512 KiB; what is left is for what a rehearsal brings along. */
const mostBytes = 400_000;

const bytesOf = ({ change }: Step): number => Buffer.byteLength(JSON.stringify(change));

const keyOf = ({ kind, name }: Pick<Defined, 'kind' | 'name'>): string => `${kind} ${name}`;

const checkKey = ({ deploymentId, name }: CheckReference): string =>
  keyOf({ kind: 'check', name: `${deploymentId}/${name}` });

const channelKeys = (names: readonly string[]): readonly string[] =>
  names.map((name) => keyOf({ kind: 'channel', name }));

/** The deployment that a thing lies in, if it lies in one. */
const homeOf = ({ kind, definition }: Defined): readonly string[] =>
  (kind === 'check' || kind === 'rule' || kind === 'scaler') && definition.deploymentId !== null
    ? [keyOf({ kind: 'deployment', name: definition.deploymentId })]
    : [];

/**
 * What a thing hangs on beside its deployment: a check on its parent and members, a channel on its fallback, a rule and
 * the settings on the channels they name, a composite on its rules, a status page on the deployments and checks it names.
 */
const needsOf = (object: Defined): readonly string[] => {
  const { kind, definition } = object;
  if (kind === 'check')
    return [...(definition.parent ? [definition.parent] : []), ...membersOf(definition)].map(checkKey);
  if (kind === 'statusPage') return pageNeeds(definition);
  if (kind === 'channel') return definition.fallback === undefined ? [] : channelKeys([definition.fallback]);
  if (kind === 'rule') {
    const home = definition.deploymentId ?? '*';
    return [
      ...channelKeys(channelNamesIn(definition).map(([, name]) => name)),
      ...memberNames(definition).map((name) => keyOf({ kind, name: `${home}/${name}` })),
    ];
  }
  if (kind !== 'alerting') return [];
  const { defaultChannels, routes, escalation, digest } = definition;
  const named = [...routes, ...escalation, digest].flatMap(({ channels }) => channels);
  return channelKeys([...defaultChannels, ...named]);
};

const pageNeeds = ({ groups }: WrittenStatusPage): readonly string[] =>
  groups.flatMap(({ checks = [], deploymentId }) => [
    ...checks.map(checkKey),
    ...(deploymentId === undefined ? [] : [keyOf({ kind: 'deployment', name: deploymentId })]),
  ]);

const putIn = (steps: readonly Step[]): ReadonlyMap<string, Step> =>
  new Map(steps.flatMap((step) => (step.change.op === 'put' ? [[keyOf(step.object), step] as const] : [])));

/** What is put, so that each step follows those that it needs. */
export const inOrder = (steps: readonly Step[]): Step[] => {
  const ordered = new Set<Step>();
  const there = putIn(steps);
  const begun = new Set<Step>();
  const add = (step: Step): void => {
    // A circle is the API's to refuse; here it only must not go round for ever.
    if (begun.has(step)) return;
    begun.add(step);
    for (const key of needsOf(step.object)) {
      const needed = there.get(key);
      if (needed) add(needed);
    }
    ordered.add(step);
  };
  for (const kind of changeKinds) {
    for (const step of steps) if (step.object.kind === kind) add(step);
  }
  return [...ordered];
};

/** Policies that come and go are judged against one another: they go in one request. What else stands alone. */
const unitsOf = (steps: readonly Step[]): Step[][] => {
  const units: Step[][] = [];
  for (const step of steps) {
    const last = units.at(-1);
    const fits = last && last.length < mostChanges && bytesOfAll(last) + bytesOf(step) <= mostBytes;
    if (isPolicy(step) && last?.some(isPolicy) && fits) last.push(step);
    else units.push([step]);
  }
  return units;
};

const bytesOfAll = (steps: readonly Step[]): number => steps.reduce((sum, step) => sum + bytesOf(step), 0);

const isPolicy = ({ object }: Step): boolean => object.kind === 'policy';

/** In the order given, at most a hundred changes a request and no more bytes than the API takes. */
export const batchesOf = (steps: readonly Step[]): Step[][] => {
  const batches: Step[][] = [];
  let bytes = 0;
  for (const unit of unitsOf(steps)) {
    const size = bytesOfAll(unit);
    const last = batches.at(-1);
    if (last && last.length + unit.length <= mostChanges && bytes + size <= mostBytes) {
      last.push(...unit);
      bytes += size;
    } else {
      batches.push(unit);
      bytes = size;
    }
  }
  return batches;
};

/** Whether they may go hangs on removals that may stand in another request. */
const heldByOthers: readonly Defined['kind'][] = ['deployment', 'channel'];

/**
 * A rehearsal writes nothing, so each request must bring along what its things need: their deployments, parents,
 * members, channels, and policies one another. Whether a page may come that names more than fits into one, and whether a deployment or a channel may go, is left to the real run.
 */
export const rehearsalsOf = (steps: readonly Step[]): Step[][] => {
  const rehearsed = steps.filter(
    ({ change, object }) => change.op === 'put' || !heldByOthers.includes(object.kind),
  );
  const needs = needsWithin(rehearsed);
  const batches: Set<Step>[] = [];
  let bytes = 0;
  for (const step of rehearsed) {
    const last = batches.at(-1);
    if (last?.has(step)) continue;
    const family = needs(step);
    // Without some of the checks that it names, a page would be refused for those: the real run judges it behind them.
    if (step.object.kind === 'statusPage' && isTooMuch(family)) continue;
    const added = [...family].filter((one) => !last?.has(one));
    const size = bytesOfAll(added);
    if (last && last.size + added.length <= mostChanges && bytes + size <= mostBytes) {
      for (const one of added) last.add(one);
      bytes += size;
    } else {
      batches.push(family);
      bytes = bytesOfAll([...family]);
    }
  }
  return batches.map((batch) => inOrder([...batch]));
};

const isTooMuch = (family: ReadonlySet<Step>): boolean =>
  family.size >= mostChanges || bytesOfAll([...family]) > mostBytes;

/** A step with all that it needs, directly or through others. */
const needsWithin = (steps: readonly Step[]) => {
  const there = putIn(steps);
  const policies = unitsOf(steps.filter(isPolicy));
  return (step: Step): Set<Step> => {
    if (isPolicy(step)) return new Set(policies.find((unit) => unit.includes(step)));
    const family = new Set<Step>();
    const add = (one: Step | undefined): void => {
      // What would not fit into a request is left to the real run, in which it comes in order.
      if (!one || family.has(one) || family.size >= mostChanges) return;
      family.add(one);
      if (one.change.op !== 'put') return;
      for (const key of [...homeOf(one.object), ...needsOf(one.object)]) add(there.get(key));
    };
    add(step);
    return family;
  };
};
