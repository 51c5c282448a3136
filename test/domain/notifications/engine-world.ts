import type { Announcement, AnnouncementKind } from '../../../shared/notifications/announcement.ts';
import {
  type ChannelDefinition,
  type ChannelRecord,
  channelIdOf,
  channelKey,
} from '../../../shared/notifications/channel.ts';
import { NotSent } from '../../../shared/notifications/kinds/kind.ts';
import { type Notification, notificationKey } from '../../../shared/notifications/notification.ts';
import { loadChannel } from '../../../shared/notifications/registry.ts';
import { readNotification } from '../../../shared/notifications/store.ts';
import type { SweepWorld } from '../../../shared/notifications/world.ts';
import type { HomeostatEvent } from '../../../shared/platform/events.ts';
import { ConditionFailed, type Value } from '../../../shared/storage/index.ts';
import { type MemoryState, memoryState } from './memory-state.ts';

export const noon = Date.UTC(2026, 2, 10, 12);
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Who is killed; not a fault of the code that is tried. */
export class Killed extends Error {}

export const channelOf = (name: string, fields: Partial<ChannelDefinition> = {}): ChannelRecord => ({
  id: channelIdOf(name),
  definition: { name, type: 'webhook', config: {}, tellsResolved: true, isActive: true, ...fields },
  revision: 1,
  managedBy: 'api',
  createdAt: noon,
  updatedAt: noon,
});

export const announcementOf = (
  no: number,
  kind: AnnouncementKind,
  fields: Partial<Announcement> = {},
): Announcement => ({
  incidentId: 'inc-1',
  groupKey: 'shop',
  no,
  kind,
  at: noon,
  severity: 'error',
  deploymentId: 'shop',
  title: 'shop: checkout is down',
  status: kind === 'resolved' ? 'resolved' : 'firing',
  openedAt: noon,
  firing: kind === 'resolved' ? 0 : 1,
  resolved: kind === 'resolved' ? 1 : 0,
  alerts: [],
  ...fields,
});

/** What a receiver got and acknowledged. */
export type Acknowledged = {
  readonly channel: string;
  readonly incidentId: string;
  readonly no: number;
  readonly kind: AnnouncementKind;
  readonly status: 'firing' | 'resolved';
  readonly dedupeKey: string;
  readonly at: number;
  readonly inPlaceOf: string | undefined;
  /** Whoever sent it, and whether he was killed since. */
  readonly by: { isDead: boolean };
};

export type Actor = SweepWorld;
type Interference = {
  /** Dies at its n-th step; each access of a table or a receiver has two, before and after it took effect. */
  readonly killAt?: number | undefined;
  /** The acknowledgement of its n-th conditional write is lost, so that its repetition fails against itself. */
  readonly lostAt?: number | undefined;
  /** Decides when each of its steps may happen. */
  readonly turn?: (() => Promise<void>) | undefined;
};

export type World = {
  readonly state: MemoryState;
  readonly acknowledged: Acknowledged[];
  readonly published: HomeostatEvent[];
  /** Attempts that a receiver saw, taken or not. */
  readonly tried: { readonly channel: string; readonly incidentId: string; readonly at: number }[];
  /** What each receiver does instead of taking it. */
  readonly answers: Map<string, (announcement: Announcement) => Promise<void>>;
  readonly faults: string[];
  /** What must never happen: sent again although somebody alive sent it, or although that is written down. */
  readonly violations: string[];
  bus: 'open' | 'down';
  now: number;
  actor(interference?: Interference): Actor;
  register(channel: ChannelRecord): Promise<void>;
  told(channel: string, incidentId?: string): readonly string[];
  notification(channel: string, incidentId?: string): Promise<Notification | undefined>;
};

export const down =
  (reason = 'connection refused', options: { retryAfterSeconds?: number } = {}) =>
  async () => {
    throw new NotSent(reason, options);
  };
export const refusing =
  (reason = 'invalid token') =>
  async () => {
    throw new NotSent(reason, { isFinal: true });
  };

export const openWorld = async (channels: readonly ChannelRecord[]): Promise<World> => {
  let ids = 0;
  const world: World = {
    state: memoryState(() => world.now),
    acknowledged: [],
    published: [],
    tried: [],
    answers: new Map(),
    faults: [],
    violations: [],
    bus: 'open',
    now: noon,
    actor: (interference = {}) => actorOf(world, interference, () => `id-${ids++}`),
    register: (channel) =>
      world.state.put({ ...channelKey(channel.id), v: 1, ...(channel as unknown as Record<string, Value>) }),
    told: (channel, incidentId = 'inc-1') =>
      world.acknowledged
        .filter((one) => one.channel === channel && one.incidentId === incidentId)
        .map(({ no, kind }) => `${no} ${kind}`),
    notification: (channel, incidentId = 'inc-1') =>
      readNotification(world.state, notificationKey(channelIdOf(channel), incidentId)),
  };
  for (const channel of channels) await world.register(channel);
  return world;
};

const actorOf = (world: World, { killAt, lostAt, turn }: Interference, newId: () => string): Actor => {
  let steps = 0;
  let writes = 0;
  const self = { isDead: false };
  const step = async () => {
    await turn?.();
    if (killAt === undefined || steps++ < killAt) return;
    self.isDead = true;
    throw new Killed();
  };
  const guarded =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await step();
      const result = await act(...args);
      await step();
      return result;
    };
  const { state } = world;
  const guardedState = {
    get: guarded((...given: Parameters<MemoryState['get']>) => state.get(...given)),
    queryDue: guarded((...given: Parameters<MemoryState['queryDue']>) => state.queryDue(...given)),
    put: guarded(async (...given: Parameters<MemoryState['put']>) => {
      await state.put(...given);
      if (writes++ === lostAt) throw new ConditionFailed('put', 'lost');
    }),
  };
  return {
    state: guardedState,
    bus: {
      publish: guarded(async (events: readonly HomeostatEvent[]) => {
        if (world.bus === 'down') return [];
        world.published.push(...events);
        return events.map(({ detail }) => detail.id);
      }),
    },
    clock: () => world.now,
    newId,
    place: { accountId: '111122223333', region: 'eu-central-1' },
    channel: (id) => loadChannel(guardedState, id),
    publicUrl: '',
    linkKey: async () => 'k'.repeat(32),
    onFault: (what) => world.faults.push(what),
    deliver: async ({ name }, { announcement, dedupeKey }) => {
      await step();
      const { incidentId, no, kind, status, inPlaceOf } = announcement;
      world.tried.push({ channel: name, incidentId, at: world.now });
      await world.answers.get(name)?.(announcement);
      const isSame = (one: Acknowledged) =>
        one.channel === name && one.incidentId === incidentId && one.no === no;
      const { sentNo = 0 } = (await world.notification(name, incidentId)) ?? {};
      if (sentNo >= no || world.acknowledged.some((one) => isSame(one) && !one.by.isDead)) {
        world.violations.push(`${no} ${kind} of ${incidentId} went to ${name} again`);
      }
      const one = { channel: name, incidentId, no, kind, status, dedupeKey, at: world.now, inPlaceOf };
      world.acknowledged.push({ ...one, by: self });
      await step();
      return { thread: `thread-${no}` };
    },
  };
};
