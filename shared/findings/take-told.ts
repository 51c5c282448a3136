import { isRegistered } from '../catalog/index.ts';
import type { Clock } from '../platform/clock.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { Pending } from '../platform/outbox/index.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Table } from '../storage/table.ts';
import type { NoteOutcome } from './decide-finding.ts';
import type { ToldFinding, ToldFindings } from './model.ts';
import { type NoteWorld, noteFinding } from './store.ts';

export type TakeWorld = Omit<NoteWorld, 'state'> & {
  readonly state: Pick<Table, 'get' | 'put' | 'update'>;
  readonly clock: Clock;
};

export type Taken = {
  readonly repeated: boolean;
  readonly items: readonly { readonly id: string; readonly outcome: NoteOutcome }[];
  /** To be published after the write. */
  readonly pending: readonly Pending[];
};

/** Twice the window in which a signature is valid, and the hours that a retry may take. */
const deliverySeconds = 86_400;
const deliveryKey = (delivery: string) => ({ pk: `DELIVERY#${delivery}`, sk: 'TAKEN' });

/**
 * Keeps what a team's engine told. A delivery that was taken whole is not taken again: nobody can open what was resolved
 * since by sending it anew. One that was cut off is, and what of it was kept stays as it is. Throws VALIDATION_ERROR for
 * deployments that are not registered, before anything is kept.
 */
export const takeTold = async (
  world: TakeWorld,
  { source, findings }: ToldFindings,
  delivery?: string,
): Promise<Taken> => {
  if (delivery !== undefined && (await world.state.get(deliveryKey(delivery), { consistent: true })))
    return { repeated: true, items: [], pending: [] };
  await requireRegistered(world, findings);
  const items: { id: string; outcome: NoteOutcome }[] = [];
  const pending: Pending[] = [];
  const now = world.clock();
  // One after the other: two of the same finding in one delivery are told in their order.
  for (const { at = now, ...told } of findings) {
    const noted = await noteFinding(world, { ...told, source, at: Math.min(at, now) });
    items.push({ id: noted.finding.id, outcome: noted.outcome });
    if (noted.pending) pending.push(noted.pending);
  }
  if (delivery !== undefined) await keepDelivery(world, delivery, now);
  return { repeated: false, items, pending: newestOf(pending) };
};

/** Of a finding that was written twice only the newer write can be cleared. */
const newestOf = (pending: readonly Pending[]): readonly Pending[] => [
  ...new Map(pending.map((one) => [one.key.sk, one])).values(),
];

const keepDelivery = async (world: TakeWorld, delivery: string, now: number): Promise<void> => {
  const nowSeconds = Math.floor(now / 1000);
  const item = { ...deliveryKey(delivery), v: 1, takenAt: now, expiresAt: nowSeconds + deliverySeconds };
  try {
    await world.state.put(item, { vacantAt: nowSeconds });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

const requireRegistered = async (world: TakeWorld, findings: readonly ToldFinding[]): Promise<void> => {
  const known = new Map<string, boolean>();
  const faults: FieldFault[] = [];
  for (const [at, { deploymentId }] of findings.entries()) {
    if (deploymentId === null) continue;
    const isKnown = known.get(deploymentId) ?? (await isRegistered(world.state, deploymentId));
    known.set(deploymentId, isKnown);
    if (!isKnown) {
      const message = 'There is no such deployment: register it first, or leave it out.';
      faults.push({ path: `findings[${at}].deploymentId`, message });
    }
  }
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'A finding names a deployment that is not there.', faults);
};
