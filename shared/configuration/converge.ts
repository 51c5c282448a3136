import type { ApplyAnswer, ApplyRequest, Outcome } from '../convergence/index.ts';
import { batchesOf, inOrder, rehearsalsOf, type Step } from './batches.ts';
import type { ApiClient } from './client.ts';
import { readCurrent } from './current.ts';
import { type Definable, type Defined, definedIn } from './definition.ts';
import { type Difference, differenceBetween } from './diff.ts';

export type ConvergeOptions = {
  /** Ask what would happen, the API included, and change nothing. */
  readonly dryRun?: boolean;
  /** Also remove what files brought and the configuration does not name any more. */
  readonly prune?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
};

/** A change that the API did not make, and why. */
export type Refusal = { readonly object: Defined; readonly outcome: Outcome };

/** `check shop/home was refused: …`, and a line for each field at fault. */
export const refusalText = ({ object, outcome }: Refusal): string =>
  [
    `${object.kind} ${object.name} was refused: ${outcome.detail ?? outcome.code ?? 'no reason was given'}`,
    ...(outcome.errors ?? []).map(({ path, message }) => `    ${path === '' ? '' : `${path}: `}${message}`),
  ].join('\n');

export type Convergence = {
  readonly difference: Difference;
  readonly refused: readonly Refusal[];
  /** Not made because something else was refused. */
  readonly held: readonly Defined[];
};

/** What was made, or in a dry run would be. */
export const madeIn = ({ difference, refused, held }: Convergence): Difference => {
  const left = new Set<Defined>([...refused.map(({ object }) => object), ...held]);
  const made = <T extends Defined>(list: readonly T[]): T[] => list.filter((one) => !left.has(one));
  const { created, updated, removed } = difference;
  return { ...difference, created: made(created), updated: made(updated), removed: made(removed) };
};

/** Said once below what was refused. */
export const heldText = ({ held }: Convergence): string | undefined =>
  held.length === 0
    ? undefined
    : `${held.length === 1 ? 'One other change was' : `${held.length} other changes were`} not made either: mend what was refused and apply again.`;

/**
 * Brings what the API holds to the configuration, over the HTTP API, at most a hundred changes a request. Everything is
 * judged before anything is written: what does not fit into one request is rehearsed first, and while the API refuses
 * a part nothing is made. Applying the same again changes nothing, so an interrupted run is just run again. Throws
 * ApiError and UnreachableError of the client.
 */
export const converge = async (
  client: ApiClient,
  configuration: Definable,
  { dryRun = false, prune = false, onProgress = () => {} }: ConvergeOptions = {},
): Promise<Convergence> => {
  const difference = differenceBetween(definedIn(configuration), await readCurrent(client));
  const steps = [
    ...inOrder([...difference.created, ...difference.updated].map(put)),
    ...(prune ? difference.removed.map(remove) : []),
  ];
  const batches = batchesOf(steps);
  const rehearsal = dryRun || batches.length > 1 ? await send(client, rehearsalsOf(steps), true) : undefined;
  if (rehearsal && dryRun) return told(difference, rehearsal);
  if (rehearsal && rehearsal.refused.length > 0) {
    const refused = new Set(rehearsal.refused.map(({ object }) => object));
    const held = steps.map(({ object }) => object).filter((object) => !refused.has(object));
    return told(difference, { ...rehearsal, held });
  }
  const done = { count: 0 };
  return told(
    difference,
    await send(client, batches, false, (count) => {
      done.count += count;
      onProgress(done.count, steps.length);
    }),
  );
};

type Sent = {
  readonly refused: readonly Refusal[];
  readonly held: readonly Defined[];
  readonly same: ReadonlySet<Defined>;
};

const send = async (
  client: ApiClient,
  batches: readonly (readonly Step[])[],
  dryRun: boolean,
  onSent: (count: number) => void = () => {},
): Promise<Sent> => {
  const refused: Refusal[] = [];
  const held: Defined[] = [];
  const same = new Set<Defined>();
  for (const batch of batches) {
    const body: ApplyRequest = { dryRun, changes: batch.map(({ change }) => change) };
    const answer = await client.request<ApplyAnswer>('POST', '/api/v1/monitoring/apply', { body });
    for (const [index, outcome] of answer.outcomes.entries()) {
      const object = batch[index]?.object;
      if (object && outcome.outcome === 'refused') refused.push({ object, outcome });
      if (object && outcome.outcome === 'held') held.push(object);
      if (object && outcome.outcome === 'unchanged') same.add(object);
    }
    onSent(batch.length);
  }
  return { refused, held, same };
};

const told = (difference: Difference, { refused, held, same }: Sent): Convergence => ({
  difference: withoutSame(difference, same),
  refused: onePerObject(refused),
  held,
});

/** Whether a secret is the same, only the API can tell; and what is kept there out of sight may be as it is wanted. */
const withoutSame = (difference: Difference, same: ReadonlySet<Defined>): Difference => ({
  ...difference,
  created: difference.created.filter((object) => !same.has(object)),
  updated: difference.updated.filter((object) => !same.has(object)),
  unchanged: [
    ...difference.unchanged,
    ...[...difference.created, ...difference.updated].filter((object) => same.has(object)),
  ],
});

const put = (object: Defined): Step => ({
  object,
  change: { op: 'put', kind: object.kind, definition: { ...object.definition } },
});

const remove = (object: Defined): Step => ({ object, change: removalOf(object) });

const removalOf = ({ kind, definition }: Defined): Step['change'] => {
  if (kind === 'alerting') return { op: 'remove', kind };
  if (kind === 'deployment') return { op: 'remove', kind, deploymentId: definition.deploymentId };
  if (kind === 'statusPage') return { op: 'remove', kind, slug: definition.slug };
  const { name } = definition;
  if (kind === 'channel' || kind === 'maintenance') return { op: 'remove', kind, name };
  if (kind === 'policy') return { op: 'remove', kind, name };
  if (kind === 'scaler') return { op: 'remove', kind, deploymentId: definition.deploymentId, name };
  // The API takes null for a rule of all deployments only.
  return kind === 'rule'
    ? { op: 'remove', kind, deploymentId: definition.deploymentId, name }
    : { op: 'remove', kind, deploymentId: definition.deploymentId, name };
};

const onePerObject = (refused: readonly Refusal[]): Refusal[] => [
  ...new Map(refused.map((refusal) => [refusal.object, refusal])).values(),
];
