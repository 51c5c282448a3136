import type { Activity } from '../time/activity.ts';
import type { Agenda } from '../time/agenda.ts';
import type { HostClock } from '../time/clock.ts';
import type { Dynamo } from './dynalite.ts';
import { deleteExpired } from './expiry.ts';
import type { TableDefinition } from './tables.ts';

/** DynamoDB takes hours to days; an hour keeps the folder small without reading the tables all the time. */
const everyMs = 3_600_000;
/** Not while the host starts. */
const firstAfterMs = 120_000;

export type Sweeping = { sweep(): Promise<number>; stop(): void };

/** Deletes expired items now and then, as DynamoDB would. */
export const startSweeping = (
  dynamo: Dynamo,
  tables: readonly TableDefinition[],
  clock: HostClock,
  agenda: Agenda,
  activity: Activity,
  onFault: (error: Error) => void,
): Sweeping => {
  let stopped = false;
  const sweep = async (): Promise<number> => {
    let deleted = 0;
    for (const table of tables) deleted += await deleteExpired(dynamo, table, clock.now, () => stopped);
    return deleted;
  };
  const plan = (at: number): void => {
    agenda.at(at, () => {
      void activity.during(
        sweep()
          .catch((error: Error) => {
            if (!stopped) onFault(error);
          })
          .finally(() => plan(clock.now() + everyMs)),
      );
    });
  };
  plan(clock.now() + firstAfterMs);
  return {
    sweep,
    stop() {
      stopped = true;
    },
  };
};
