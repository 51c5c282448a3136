import type { Table } from '../storage/table.ts';
import { type CheckRecord, checkIdOf, checkKey, isPaused, membersOf } from './check.ts';
import { markGone, placeOf, putPlace } from './place-item.ts';
import { type Known, toKnown } from './placement-note.ts';

type Ports = {
  readonly state: Pick<Table, 'batchGet'>;
  readonly telemetry: Pick<Table, 'put'>;
};

/**
 * Tells the places that stand in the registry already. Of checks that moved: a move that broke off right after its
 * note has not told its place yet, and what it left is cleared next. And of the checks that these refer to: whoever
 * reads them finds them by their place, be they placed by a version that told none.
 */
export const tellNotedPlaces = async (checks: readonly Known[], ports: Ports): Promise<void> => {
  const moved = checks.filter(({ record }) => record.placements.length > 1);
  const noted = [...moved, ...(await referredTo(checks, ports))].filter(
    ({ record, placing }) => placing === undefined && record.deletedAt === undefined,
  );
  await Promise.all(noted.map((known) => tellNoted(known, ports)));
};

const tellNoted = async ({ record, placementVersion }: Known, { telemetry }: Ports): Promise<void> => {
  const [place] = record.placements;
  if (!place) return;
  const { timeoutSeconds } = record.definition;
  const placed = placeOf(place.shard, { ...place, timeoutSeconds, paused: isPaused(record) });
  await putPlace(telemetry, record.id, placed, placementVersion);
};

const referredTo = async (checks: readonly Known[], { state }: Ports): Promise<Known[]> => {
  const ids = new Set(checks.flatMap(({ record }) => referencesIn(record)));
  for (const { record } of checks) ids.delete(record.id);
  if (ids.size === 0) return [];
  return (await state.batchGet([...ids].map(checkKey), { consistent: true })).map(toKnown);
};

const referencesIn = ({ definition, deletedAt }: CheckRecord): readonly string[] => {
  if (deletedAt !== undefined) return [];
  return [...membersOf(definition), ...(definition.parent ? [definition.parent] : [])].map(
    ({ deploymentId, name }) => checkIdOf(deploymentId, name),
  );
};

/** Tells of removed checks that they lie nowhere any more. */
export const tellRemoved = async (
  checks: readonly Known[],
  { telemetry }: Pick<Ports, 'telemetry'>,
): Promise<void> => {
  await Promise.all(
    checks.map(async ({ record: { id, deletedAt }, placementVersion }) => {
      if (deletedAt !== undefined) await markGone(telemetry, id, deletedAt, placementVersion);
    }),
  );
};
