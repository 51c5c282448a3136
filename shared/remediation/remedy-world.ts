import type { Bus } from '../platform/aws/bus.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { NewId } from '../platform/ids.ts';
import type { Table } from '../storage/table.ts';

/** What every verb that changes a remediation needs. */
export type RemedyWorld = {
  readonly state: Pick<Table, 'get' | 'put' | 'update'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
  /** Told of what did not work now and is made good later: an event the sweeper sends, an entry the next step keeps. */
  readonly onTrouble: (what: string, error: Error) => void;
};
