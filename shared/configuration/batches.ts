import { type ApplyRequest, mostChanges } from '../convergence/index.ts';
import { type CheckReference, membersOf } from '../health/index.ts';
import type { CheckFields, Defined } from './definition.ts';

type Change = ApplyRequest['changes'][number];

/** One thing to be written or removed, and the change that says so. */
export type Step = { readonly object: Defined; readonly change: Change };

/** The API takes 512 KiB; what is left is for what a rehearsal brings along. */
const mostBytes = 400_000;

const bytesOf = ({ change }: Step): number => Buffer.byteLength(JSON.stringify(change));

const keyOf = ({ deploymentId, name }: CheckReference): string => `${deploymentId}\n${name}`;

/** The checks that a check hangs on: its parent and its members. */
const referencesOf = (check: CheckFields): readonly CheckReference[] => [
  ...(check.parent ? [check.parent] : []),
  ...membersOf(check),
];

/** What is put, so that each step follows those that it needs: its deployment, its parent, its members. */
export const inOrder = (steps: readonly Step[]): Step[] => {
  const ordered = new Set<Step>(steps.filter(({ object }) => object.kind === 'deployment'));
  const checks = checksIn(steps);
  const begun = new Set<Step>();
  const add = (step: Step): void => {
    // A circle is the API's to refuse; here it only must not go round for ever.
    if (begun.has(step) || step.object.kind !== 'check') return;
    begun.add(step);
    for (const to of referencesOf(step.object.definition)) {
      const needed = checks.get(keyOf(to));
      if (needed) add(needed);
    }
    ordered.add(step);
  };
  for (const step of steps) add(step);
  return [...ordered];
};

const checksIn = (steps: readonly Step[]): ReadonlyMap<string, Step> =>
  new Map(
    steps.flatMap((step) =>
      step.object.kind === 'check' && step.change.op === 'put'
        ? [[keyOf(step.object.definition), step] as const]
        : [],
    ),
  );

/** In the order given, at most a hundred changes a request and no more bytes than the API takes. */
export const batchesOf = (steps: readonly Step[]): Step[][] => {
  const batches: Step[][] = [];
  let bytes = 0;
  for (const step of steps) {
    const size = bytesOf(step);
    const last = batches.at(-1);
    if (last && last.length < mostChanges && bytes + size <= mostBytes) {
      last.push(step);
      bytes += size;
    } else {
      batches.push([step]);
      bytes = size;
    }
  }
  return batches;
};

/**
 * A rehearsal writes nothing, so each request must bring along what its checks need: their deployments, parents and
 * members. Whether a deployment may go hangs on removals that may stand in another request, so that is left to the
 * real run.
 */
export const rehearsalsOf = (steps: readonly Step[]): Step[][] => {
  const rehearsed = steps.filter(({ change }) => change.op === 'put' || change.kind === 'check');
  const needs = needsWithin(rehearsed);
  const batches: Set<Step>[] = [];
  let bytes = 0;
  for (const step of rehearsed) {
    const last = batches.at(-1);
    if (last?.has(step)) continue;
    const family = needs(step);
    const added = [...family].filter((one) => !last?.has(one));
    const size = added.reduce((sum, one) => sum + bytesOf(one), 0);
    if (last && last.size + added.length <= mostChanges && bytes + size <= mostBytes) {
      for (const one of added) last.add(one);
      bytes += size;
    } else {
      batches.push(family);
      bytes = [...family].reduce((sum, one) => sum + bytesOf(one), 0);
    }
  }
  return batches.map((batch) => inOrder([...batch]));
};

/** A step with all that it needs, directly or through others. */
const needsWithin = (steps: readonly Step[]) => {
  const checks = checksIn(steps);
  const deployments = new Map(
    steps.flatMap((step) =>
      step.object.kind === 'deployment' ? [[step.object.definition.deploymentId, step] as const] : [],
    ),
  );
  return (step: Step): Set<Step> => {
    const family = new Set<Step>();
    const add = (one: Step | undefined): void => {
      // What would not fit into a request is left to the real run, in which it comes in order.
      if (!one || family.has(one) || family.size >= mostChanges) return;
      family.add(one);
      if (one.change.op !== 'put') return;
      add(deployments.get(one.object.definition.deploymentId));
      if (one.object.kind !== 'check') return;
      for (const to of referencesOf(one.object.definition)) add(checks.get(keyOf(to)));
    };
    add(step);
    return family;
  };
};
