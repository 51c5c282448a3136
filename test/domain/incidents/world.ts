import { advanceIncident } from '../../../shared/incidents/advance-incident.ts';
import * as commands from '../../../shared/incidents/commands.ts';
import { groupKeyOf } from '../../../shared/incidents/group.ts';
import type { Incident, IncidentMember } from '../../../shared/incidents/incident.ts';
import { joinIncident, putMember } from '../../../shared/incidents/join.ts';
import type { Mute } from '../../../shared/incidents/mute.ts';
import { writeMute } from '../../../shared/incidents/mutes-store.ts';
import type { AlertingSettings } from '../../../shared/incidents/settings.ts';
import { defaultSettings } from '../../../shared/incidents/settings.ts';
import { writeSettings } from '../../../shared/incidents/settings-store.ts';
import { readIncident, readMembersOf } from '../../../shared/incidents/store.ts';
import { readTimeline } from '../../../shared/incidents/timeline.ts';
import { wakeDue, wakeOpenIncidents } from '../../../shared/incidents/wake-due.ts';
import type { Announcement, ChannelRecord } from '../../../shared/notifications/index.ts';
import type { HomeostatEvent, Severity } from '../../../shared/platform/events.ts';
import { type Alerting, channel, memberOf } from './member.ts';
import { memoryTable } from './memory.ts';
import { Killed, openMortal } from './mortal.ts';

export const noon = Date.UTC(2026, 10, 2, 12);
export const second = 1000;
export const minute = 60_000;

/** One announcement as it reached a channel. */
export type Told = { readonly at: number; readonly channel: string; readonly announcement: Announcement };

/**
 * Homeostat from the alerts to the channels' own items, in memory: the queue first in first out with its delay, the
 * notifier each minute, and a clock that jumps from one to the other.
 */
export const openWorld = async (
  given: { readonly settings?: Partial<AlertingSettings>; readonly channels?: readonly ChannelRecord[] } = {},
) => {
  let now = noon;
  let ids = 0;
  const clock = () => now;
  const mortal = openMortal(clock);
  const { interrupted, surviving, redo } = mortal;
  const state = memoryTable(clock, interrupted);
  const telemetry = memoryTable(clock, interrupted);
  const records = [...(given.channels ?? [channel('slack'), channel('mail'), channel('pager')])];
  const newId = () => `${(++ids).toString(16).padStart(12, '0')}-id`;
  const place = { accountId: '123456789012', region: 'eu-central-1' };
  const published: HomeostatEvent[] = [];
  const told: Told[] = [];
  const taken = new Map<string, number>();
  const troubles: string[] = [];
  let isBusDown = false;
  /** Messages under way: delivered at `at`, in the order in which they were sent. */
  let queue: { readonly at: number; readonly incidentId: string; readonly groupKey: string }[] = [];
  const incidents = {
    send: async (messages: readonly { readonly body: unknown }[]) => {
      interrupted('before send');
      for (const { body } of messages) {
        const { incidentId, groupKey } = body as { incidentId: string; groupKey: string };
        queue.push({ at: now + 5 * second, incidentId, groupKey });
      }
      interrupted('after send');
    },
  };
  const settings = { ...defaultSettings, defaultChannels: ['slack'], ...given.settings };
  await writeSettings(state, { settings, managedBy: 'api', expected: 0, attempt: 'first', now });
  const world = {
    state,
    telemetry,
    incidents,
    clock,
    newId,
    place,
    bus: {
      publish: async (events: readonly HomeostatEvent[]) => {
        interrupted('before publish');
        if (isBusDown) throw new Error('the bus is down');
        published.push(...events);
        interrupted('after publish');
        return events.map(({ detail }) => detail.id);
      },
    },
    channels: async () => records,
    // What notifications promise: a channel takes each number once, and none that is older than what it took.
    announce: async (to: readonly ChannelRecord[], announcement: Announcement) => {
      for (const { id, definition } of to) {
        interrupted('before announce');
        const name = `${id} ${announcement.incidentId}`;
        if ((taken.get(name) ?? 0) < announcement.no) {
          taken.set(name, announcement.no);
          told.push({ at: now, channel: definition.name, announcement });
        }
        interrupted('after announce');
      }
    },
    sendDue: async () => interrupted('before sendDue'),
    onTrouble: (what: string) => troubles.push(what),
    resolveAlert: async (member: IncidentMember, { by, at }: { by: string; at: number }) => {
      const seq = (seqs.get(member.alertId) ?? member.seq) + 1;
      seqs.set(member.alertId, seq);
      return {
        ...member,
        seq,
        state: 'resolved' as const,
        resolvedAt: at,
        reason: `resolved by hand by ${by}`,
      };
    },
  };
  const seqs = new Map<string, number>();
  const homes = new Map<string, { readonly incidentId: string; readonly groupKey: string }>();

  const firedAts = new Map<string, number>();
  const memberNow = (name: string, seq: number, stands: 'firing' | 'resolved', alerting: Alerting) =>
    memberOf(name, seq, stands, alerting, { firedAt: firedAts.get(name) ?? now, at: now });
  const alertings = new Map<string, Alerting>();

  /** As the evaluator does at a change of an alert: join, put the member, wake. */
  const change = async (name: string, stands: 'firing' | 'resolved', alerting: Alerting): Promise<void> => {
    const seq = (seqs.get(`alert-${name}`) ?? 0) + 1;
    seqs.set(`alert-${name}`, seq);
    alertings.set(name, alerting);
    if (stands === 'firing') firedAts.set(name, now);
    const member = memberNow(name, seq, stands, alerting);
    await surviving(() => tell(name, member, alerting));
  };
  const tell = async (name: string, member: IncidentMember, alerting: Alerting): Promise<void> => {
    if (member.state === 'firing') {
      const groupBy = alerting.groupBy ?? 'deployment';
      const groupKey = groupKeyOf({ id: member.ruleId, definition: { groupBy } }, member);
      const { deploymentId } = member.subject;
      const title = `${member.ruleName}: ${name}`;
      const joining = { groupKey, deploymentId, title, severity: member.severity, firedAt: member.firedAt };
      homes.set(name, { incidentId: await joinIncident(world, joining), groupKey });
    }
    const home = homes.get(name);
    if (!home) throw new Error(`${name} never fired`);
    await putMember(state, home.incidentId, member);
    await incidents.send([{ body: home }]);
  };

  const deliver = async () => {
    const due = queue.filter(({ at }) => at <= now);
    queue = queue.filter(({ at }) => at > now);
    // As the handler does: of the messages of a batch each different one once.
    for (const { incidentId, groupKey } of new Map(due.map((one) => [one.incidentId, one])).values()) {
      await surviving(() => advanceIncident(world, { incidentId, groupKey }));
    }
    await mortal.redoDue();
  };
  const notify = async () => {
    await surviving(() => wakeDue({ state, signals: { send: async () => {} }, incidents }, now));
  };
  /** Time goes on until `until`: messages are delivered when they are due, the notifier runs at each full minute. */
  const run = async (until: number): Promise<void> => {
    for (;;) {
      const nextTick = (Math.floor(now / minute) + 1) * minute;
      const nextMessage = Math.min(...[...queue, ...redo].map(({ at }) => at), Number.POSITIVE_INFINITY);
      const next = Math.min(nextTick, nextMessage);
      if (next > until) break;
      now = next;
      await deliver();
      if (next === nextTick) await notify();
    }
    now = until;
  };

  const incidentOf = (name: string): string => {
    const home = homes.get(name);
    if (!home) throw new Error(`${name} never fired`);
    return home.incidentId;
  };

  const { abandoned, interruptWith, redoneAfter } = mortal;
  return {
    abandoned,
    surviving,
    interruptWith,
    redoneAfter,
    /** Delivers each message that is under way a second time, and the last delivered ones. */
    repeat: () => {
      queue.push(...[...homes.values()].map((home) => ({ at: now + 5 * second, ...home })));
    },
    isHome: (name: string) => homes.has(name),
    isWith: (name: string, other: string) =>
      homes.has(name) && homes.get(name)?.incidentId === homes.get(other)?.incidentId,
    seqOf: (name: string) => seqs.get(`alert-${name}`) ?? 0,
    worsen: (name: string, severity: Severity) => {
      const alerting = { ...alertings.get(name), severity };
      alertings.set(name, alerting);
      const seq = (seqs.get(`alert-${name}`) ?? 0) + 1;
      seqs.set(`alert-${name}`, seq);
      const member = memberNow(name, seq, 'firing', alerting);
      return surviving(async () => {
        const home = homes.get(name);
        // The firing itself was killed and is not done again yet: it comes before this one.
        if (!home) throw new Killed('not joined yet');
        await putMember(state, home.incidentId, member);
        await incidents.send([{ body: home }]);
      });
    },
    world,
    state,
    told,
    published,
    troubles,
    records,
    clock,
    run,
    deliver,
    notify,
    queue: () => queue,
    jump: (at: number) => {
      now = at;
    },
    at: () => now,
    fire: (name: string, alerting: Alerting = {}) =>
      change(name, 'firing', { ...alertings.get(name), ...alerting }),
    resolve: (name: string) => change(name, 'resolved', alertings.get(name) ?? {}),
    /** A change as the evaluator would send it, however late: for tests of order and repeats. */
    putMember: (name: string, seq: number, stands: 'firing' | 'resolved', alerting: Alerting = {}) =>
      putMember(state, incidentOf(name), memberNow(name, seq, stands, alerting)),
    incidentOf,
    incident: async (name: string): Promise<Incident> => {
      const incident = await readIncident(state, incidentOf(name));
      if (!incident) throw new Error(`${name} has no incident`);
      return incident;
    },
    members: (name: string) => readMembersOf(state, incidentOf(name)),
    timeline: async (name: string) => (await readTimeline(state, incidentOf(name))).entries,
    advance: (name: string) => {
      const home = homes.get(name);
      if (!home) throw new Error(`${name} never fired`);
      return advanceIncident(world, home);
    },
    acknowledge: (name: string, by = 'token:ann') => commands.acknowledge(world, incidentOf(name), { by }),
    unacknowledge: (name: string, by = 'token:ann') =>
      commands.unacknowledge(world, incidentOf(name), { by }),
    comment: (name: string, text: string, by = 'token:ann') =>
      commands.comment(world, incidentOf(name), { by, text }),
    publish: (name: string, text: string, by = 'token:ann') =>
      commands.comment(world, incidentOf(name), { by, text, isPublic: true }),
    resolveByHand: (name: string, alertId?: string) =>
      commands.resolveByHand(world, incidentOf(name), { by: 'token:ann', alertId }),
    escalate: (name: string, by = 'token:ann') => commands.escalate(world, incidentOf(name), { by }),
    mute: async (id: string, mute: Partial<Mute>, revision = 1) => {
      const whole: Mute = {
        id,
        kind: 'silence',
        matchers: [],
        author: 'ann',
        reason: 'we know',
        startsAt: now,
        managedBy: 'api',
        revision,
        createdAt: now,
        updatedAt: now,
        ...mute,
      };
      const expected = revision === 1 ? undefined : revision - 1;
      await mortal.calmly(() => writeMute(state, whole, { expected, attempt: newId(), now }));
    },
    /** What is under way goes among the dead letters. */
    loseMessages: () => {
      queue = [];
    },
    wakeMuted: () => wakeOpenIncidents({ state, incidents }),
    setBus: (isDown: boolean) => {
      isBusDown = isDown;
    },
  };
};
export type World = Awaited<ReturnType<typeof openWorld>>;

/** `00:05 slack firing 2+0 error`: when after noon, who, what, how many fire and are over, how severe. */
export const lineOf = ({ at, channel: name, announcement }: Told): string => {
  const seconds = Math.round((at - noon) / second);
  const clock = [Math.floor(seconds / 60), seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const { kind, firing, resolved, severity } = announcement;
  return `${clock} ${name} ${kind} ${firing}+${resolved} ${severity}`;
};
