import { type ApplyAnswer, type ApplyRequest, mostChanges, type Outcome } from '../convergence/index.ts';
import type { ApiClient } from './client.ts';
import { readCurrent } from './current.ts';
import { type Defined, definedIn } from './definition.ts';
import { type Difference, differenceBetween } from './diff.ts';
import type { Configuration } from './load.ts';

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

export type Convergence = { readonly difference: Difference; readonly refused: readonly Refusal[] };

type Change = ApplyRequest['changes'][number];
type Step = { readonly object: Defined; readonly change: Change };

/**
 * Brings what the API holds to the configuration, over the HTTP API, at most a hundred changes a request. Each
 * change stands for itself: what is refused is told, the others are made. Applying the same again changes nothing,
 * so an interrupted run is just run again. Throws ApiError and UnreachableError of the client.
 */
export const converge = async (
  client: ApiClient,
  configuration: Pick<Configuration, 'deployments' | 'checks'>,
  { dryRun = false, prune = false, onProgress = () => {} }: ConvergeOptions = {},
): Promise<Convergence> => {
  const difference = differenceBetween(definedIn(configuration), await readCurrent(client));
  const steps = [
    ...[...difference.created, ...difference.updated].sort(deploymentsFirst).map(put),
    ...(prune ? difference.removed.map(remove) : []),
  ];
  const refused: Refusal[] = [];
  const same = new Set<Defined>();
  let done = 0;
  for (const batch of dryRun ? rehearsals(steps) : batchesOf(steps, mostChanges)) {
    const changes = batch.map(({ change }) => change);
    const body: ApplyRequest = { dryRun, changes };
    const answer = await client.request<ApplyAnswer>('POST', '/api/v1/monitoring/apply', { body });
    for (const [index, outcome] of answer.outcomes.entries()) {
      const object = batch[index]?.object;
      if (object && outcome.outcome === 'refused') refused.push({ object, outcome });
      if (object && outcome.outcome === 'unchanged') same.add(object);
    }
    done += batch.length;
    onProgress(Math.min(done, steps.length), steps.length);
  }
  return { difference: withoutSame(difference, same), refused: onePerObject(refused) };
};

/** Whether a secret is the same, only the API can tell. */
const withoutSame = (difference: Difference, same: ReadonlySet<Defined>): Difference => ({
  ...difference,
  updated: difference.updated.filter((object) => !same.has(object)),
  unchanged: [...difference.unchanged, ...difference.updated.filter((object) => same.has(object))],
});

const put = (object: Defined): Step => ({
  object,
  change: { op: 'put', kind: object.kind, definition: { ...object.definition } },
});

const remove = (object: Defined): Step => ({
  object,
  change:
    object.kind === 'deployment'
      ? { op: 'remove', kind: 'deployment', deploymentId: object.definition.deploymentId }
      : {
          op: 'remove',
          kind: 'check',
          deploymentId: object.definition.deploymentId,
          name: object.definition.name,
        },
});

const deploymentsFirst = (left: Defined, right: Defined): number => right.kind.localeCompare(left.kind);

/** The API takes 512 KiB; what is left is for the deployments that a rehearsal brings along. */
const mostBytes = 400_000;

const batchesOf = (steps: readonly Step[], most: number): Step[][] => {
  const batches: Step[][] = [];
  let bytes = 0;
  for (const step of steps) {
    const size = Buffer.byteLength(JSON.stringify(step.change));
    const last = batches.at(-1);
    if (last && last.length < most && bytes + size <= mostBytes) {
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
 * A rehearsal writes nothing, so each request must bring along the deployments that its checks need; and whether a
 * deployment may go hangs on removals that may stand in another request, so that is left to the real run.
 */
const rehearsals = (steps: readonly Step[]): Step[][] => {
  const rehearsed = steps.filter(({ change }) => change.op === 'put' || change.kind === 'check');
  const deployments = new Map(
    rehearsed.flatMap((step) =>
      step.object.kind === 'deployment' ? [[step.object.definition.deploymentId, step] as const] : [],
    ),
  );
  return batchesOf(rehearsed, mostChanges / 2).map((batch) => {
    const needed = new Set(batch.map(({ object }) => deployments.get(object.definition.deploymentId)));
    return [...[...needed].filter((step) => step !== undefined && !batch.includes(step)), ...batch] as Step[];
  });
};

const onePerObject = (refused: readonly Refusal[]): Refusal[] => [
  ...new Map(refused.map((refusal) => [refusal.object, refusal])).values(),
];
