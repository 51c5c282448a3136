import { type CheckRecord, checkKey } from '../../../shared/health/check.ts';
import type { ProjectTools } from '../../../shared/health/project.ts';
import type { OutgoingMessage } from '../../../shared/platform/aws/queue.aws.ts';
import type { Table, Value } from '../../../shared/storage/index.ts';
import { checkRecord } from './builders.ts';

/** A projector is killed at its n-th access, before or after that happened. */
export class Killed extends Error {}

type Tables = {
  readonly state: Pick<Table, 'batchGet' | 'update'>;
  readonly telemetry: Pick<Table, 'get' | 'query' | 'put'>;
};

let worlds = 0;

/** What `project` needs over these tables, with queues that keep what was sent. */
export const openWorld = (
  { state, telemetry }: Tables,
  { clock, killAt = Number.POSITIVE_INFINITY }: { readonly clock: () => number; readonly killAt?: number },
) => {
  const sent: { queue: string; message: OutgoingMessage }[] = [];
  const world = worlds++;
  let steps = 0;
  let ids = 0;
  const guarded =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (steps++ === killAt) throw new Killed();
      const result = await act(...args);
      if (steps++ === killAt) throw new Killed();
      return result;
    };
  const queue = (name: string) => ({
    send: guarded(async (messages: readonly OutgoingMessage[]) => {
      sent.push(...messages.map((message) => ({ queue: name, message })));
    }),
  });
  const tools: ProjectTools = {
    state: { batchGet: guarded(state.batchGet), update: guarded(state.update) },
    telemetry: { get: guarded(telemetry.get), query: guarded(telemetry.query), put: guarded(telemetry.put) },
    slots: queue('slots'),
    vpcSlots: queue('vpcSlots'),
    clock,
    newId: () => `${world}-${ids++}`,
    warn: () => {},
    pause: async () => {},
  };
  return { tools, sent, steps: () => steps };
};

export type Saving = Parameters<typeof checkRecord>[0] & {
  readonly name?: string;
  readonly location?: string;
};

/** What the API writes of a check: it leaves alone what the projector keeps on the item. */
export const saveCheck = async (
  state: Pick<Table, 'update'>,
  { name = 'check', location = 'home', ...given }: Saving,
): Promise<CheckRecord> => {
  const record = { ...checkRecord({ ...given, definition: { name, ...given.definition } }), location };
  const { placements: _placements, ...fields } = record;
  await state.update(checkKey(record.id), { set: { v: 1, ...fields } as unknown as Record<string, Value> });
  return record;
};

export const storedCheck = async (
  state: Pick<Table, 'batchGet'>,
  record: CheckRecord,
): Promise<CheckRecord> => {
  const [item] = await state.batchGet([checkKey(record.id)], { consistent: true });
  return item as unknown as CheckRecord;
};
