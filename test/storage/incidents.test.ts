import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { advanceIncident } from '../../shared/incidents/advance-incident.ts';
import {
  type Incident,
  type IncidentMember,
  incidentIdOf,
  incidentKey,
  memberKey,
  newIncident,
} from '../../shared/incidents/incident.ts';
import { joinIncident, putMember } from '../../shared/incidents/join.ts';
import { noneLeft } from '../../shared/incidents/left.ts';
import { listIncidents } from '../../shared/incidents/list.ts';
import { activeMutes, writeMute } from '../../shared/incidents/mutes-store.ts';
import { groupOfParent } from '../../shared/incidents/parent.ts';
import { clearLeft, loadIncident, readMembersOf, writeIncident } from '../../shared/incidents/store.ts';
import { keepEntry, readTimeline } from '../../shared/incidents/timeline.ts';
import { wakeDue } from '../../shared/incidents/wake-due.ts';
import { type Capacity, openTable, type Table } from '../../shared/storage/index.ts';
import { channel } from '../domain/incidents/member.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const started = Date.UTC(2026, 10, 2, 12);
const minute = 60_000;
const day = 86_400_000;

describe('incidents in the state table', () => {
  let engine: Engine;
  let state: Table;
  let now = started;
  const used: Capacity[] = [];
  let ids = 0;
  const newId = () => `${(++ids).toString(16).padStart(12, '0')}-id`;
  const clock = () => now;
  beforeAll(async () => {
    engine = await startEngine();
    await createTable(engine.client, 'state');
    state = openTable('state', clock, {
      client: engine.client,
      onCapacity: (capacity) => used.push(capacity),
    });
  });
  beforeEach(() => {
    now = started;
    used.length = 0;
  });
  afterAll(() => engine.stop());

  let groups = 0;
  const newGroup = () => `deployment:d${groups++}`;
  const join = (groupKey: string, firedAt = now) =>
    joinIncident(
      { state, clock, newId },
      { groupKey, deploymentId: 'd', title: 'Down: a', severity: 'error', firedAt },
    );
  const member = (name: string, given: Partial<IncidentMember> = {}): IncidentMember => ({
    alertId: `alert-${name}`,
    eventId: `event-${name}`,
    ruleId: 'rule',
    ruleName: 'Service Down',
    ruleType: 'downtime',
    subject: { key: `check:${name}`, deploymentId: 'd', name, labels: { check: name }, checkId: name },
    state: 'firing',
    seq: 1,
    severity: 'error',
    value: null,
    reason: `${name} is down: connection refused after 3 tries`,
    firedAt: now,
    channels: [],
    escalation: [],
    ...given,
  });
  const world = () => ({
    state,
    telemetry: { batchGet: async () => [] },
    bus: {
      publish: async (events: readonly { detail: { id: string } }[]) => events.map(({ detail }) => detail.id),
    },
    clock,
    newId,
    place: { accountId: '123456789012', region: 'eu-central-1' },
    channels: async () => [channel('email')],
    announce: async () => {},
    sendDue: async () => {},
    onTrouble: () => {},
  });

  test('of fifty that join a group at once all get the same incident, and there is one', async () => {
    const group = newGroup();
    const joined = await Promise.all(Array.from({ length: 50 }, () => join(group)));
    expect(new Set(joined).size).toBe(1);
    const found = await listIncidents(state, { reach: '*', limit: 100 }, now);
    expect(found.incidents.filter(({ groupKey }) => groupKey === group)).toHaveLength(1);
  });

  test('within ten minutes of its end an incident is joined again, later a new one is opened', async () => {
    const group = newGroup();
    const first = await join(group);
    const stored = await loadIncident(state, first);
    const resolved = {
      ...(stored?.incident as Incident),
      status: 'resolved' as const,
      resolvedAt: now,
      version: 2,
    };
    await writeIncident(state, resolved, noneLeft, { attempt: newId(), now });
    now += 9 * minute;
    expect(await join(group)).toBe(first);
    now += 2 * minute;
    const second = await join(group);
    expect(second).not.toBe(first);
    expect(await join(group)).toBe(second);
  });

  test('who was killed after it claimed the group is finished by whoever comes next (fault 3)', async () => {
    const group = newGroup();
    let writes = 0;
    const dying: Pick<Table, 'get' | 'put' | 'update'> = {
      ...state,
      put: async (...given) => {
        if (writes++ === 1) throw new Error('killed');
        await state.put(...given);
      },
    };
    const joining = {
      groupKey: group,
      deploymentId: 'd',
      title: 't',
      severity: 'error',
      firedAt: now,
    } as const;
    await expect(joinIncident({ state: dying, clock, newId }, joining)).rejects.toThrow('killed');
    const id = await join(group);
    expect((await loadIncident(state, id))?.incident.groupKey).toBe(group);
    expect(await join(group)).toBe(id);
  });

  test('a member is replaced only by a newer one, whatever the order (faults 1 and 2)', async () => {
    const id = await join(newGroup());
    for (const seq of [2, 1, 3, 3, 2]) {
      await putMember(state, id, member('a', { seq, reason: `as of ${seq}` }));
    }
    expect(await readMembersOf(state, id)).toMatchObject([{ seq: 3, reason: 'as of 3' }]);
  });

  test('what is resolved expires after 400 days, what fires never', async () => {
    const id = await join(newGroup());
    await putMember(state, id, member('on'));
    await putMember(state, id, member('off', { state: 'resolved', seq: 2, resolvedAt: now }));
    const expiryOf = async (name: string) => (await state.get(memberKey(id, `alert-${name}`)))?.expiresAt;
    expect(await expiryOf('on')).toBeUndefined();
    expect(await expiryOf('off')).toBe((now + 400 * day) / 1000);
    expect((await state.get(incidentKey(id)))?.expiresAt).toBeUndefined();
  });

  test('of two who decide at once one writes; who lost the answer to its own write finds it (fault 5)', async () => {
    const id = await join(newGroup());
    const { incident } = (await loadIncident(state, id)) ?? { incident: newIncident({} as Incident) };
    const next = { ...incident, title: 'next', version: incident.version + 1 };
    const both = await Promise.all(
      ['one', 'two'].map((attempt) => writeIncident(state, next, noneLeft, { attempt, now })),
    );
    expect(both.sort()).toEqual(['conflict', 'written']);
    const winner = String((await state.get(incidentKey(id)))?.attempt);
    expect(await writeIncident(state, next, noneLeft, { attempt: winner, now })).toBe('written');
  });

  test('what is left makes it due within a minute; done, it is due when its time comes', async () => {
    const id = await join(newGroup());
    const { incident } = (await loadIncident(state, id)) ?? { incident: newIncident({} as Incident) };
    const entry = { id: '2.0', at: now, kind: 'opened', text: 'Opened.', by: null } as const;
    const next = { ...incident, wakeAt: now + 3 * 60 * minute, version: incident.version + 1 };
    const left = { ...noneLeft, entries: [entry] };
    await writeIncident(state, next, left, { attempt: newId(), now });
    expect((await state.get(incidentKey(id)))?.dueAt).toBe(now + minute);
    expect((await loadIncident(state, id))?.left).toEqual(left);
    await clearLeft(state, next, noneLeft, now);
    const item = await state.get(incidentKey(id));
    expect([item?.dueAt, item?.left]).toEqual([now + 3 * 60 * minute, undefined]);
    for (let twice = 0; twice < 2; twice++) await keepEntry(state, id, entry);
    expect((await readTimeline(state, id)).entries).toEqual([entry]);
  });

  test('the notifier wakes incidents whose time has come, and alerts at their second', async () => {
    const group = newGroup();
    const id = await join(group);
    const alert = { pk: 'ALERTS#3', sk: 'rule#alert', v: 1, due: 'TIMER#3', dueAt: now + minute + 17_000 };
    await state.put(alert);
    now += minute;
    const sent: unknown[] = [];
    const queue = (name: string) => ({
      send: async (messages: readonly object[]) => {
        sent.push(...messages.map((message) => ({ name, ...message })));
      },
    });
    await wakeDue({ state, signals: queue('signals'), incidents: queue('incidents') }, now);
    expect(sent).toContainEqual({ name: 'incidents', body: { incidentId: id, groupKey: group }, group });
    expect(sent).toContainEqual({
      name: 'signals',
      body: { kind: 'alert', pk: 'ALERTS#3', sk: 'rule#alert' },
      delaySeconds: 17,
    });
  });

  test('incidents are listed newest first over months, page by page, within reach', async () => {
    const opened = [0, 10, 40, 70].map((days) => Date.UTC(2025, 5, 20) - days * day);
    for (const openedAt of opened) {
      const id = incidentIdOf(openedAt, newId());
      const given = {
        id,
        groupKey: 'g',
        title: 't',
        severity: 'error',
        openedAt,
        deploymentId: 'listed',
      } as const;
      await writeIncident(state, newIncident(given), noneLeft, { attempt: newId(), now });
    }
    const seen: number[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const wanted = {
        reach: ['listed'],
        limit: 1,
        from: opened[3] ?? 0,
        to: Date.UTC(2025, 6, 1),
        cursor,
      } as const;
      const page = await listIncidents(state, wanted, Date.UTC(2025, 6, 1));
      seen.push(...page.incidents.map(({ openedAt }) => openedAt));
      cursor = page.next;
    }
    expect(seen).toEqual(opened);
    expect((await listIncidents(state, { reach: ['other'], limit: 5 }, now)).incidents).toEqual([]);
  });

  test('a child finds the group in which its parent is down, until it is up again', async () => {
    const group = newGroup();
    const id = await join(group);
    expect(await groupOfParent(state, 'database')).toBeUndefined();
    await putMember(state, id, member('database'));
    expect(await groupOfParent(state, 'database')).toBe(group);
    await putMember(state, id, member('database', { state: 'resolved', seq: 2, resolvedAt: now }));
    expect(await groupOfParent(state, 'database')).toBeUndefined();
  });

  test('mutes hold between their start and end', async () => {
    const given = {
      kind: 'silence',
      matchers: [],
      author: 'ann',
      reason: 'r',
      managedBy: 'api',
      revision: 1,
    } as const;
    const mute = {
      ...given,
      id: 's',
      startsAt: now + minute,
      endsAt: now + 2 * minute,
      createdAt: now,
      updatedAt: now,
    };
    await writeMute(state, mute, { expected: undefined, attempt: newId(), now });
    const active = async (at: number) => (await activeMutes(state, at)).length;
    expect([await active(now), await active(now + minute), await active(now + 2 * minute)]).toEqual([
      0, 1, 0,
    ]);
  });

  test('deciding an incident of a hundred alerts reads and writes little', async () => {
    const group = newGroup();
    const id = await join(group);
    await Promise.all(Array.from({ length: 100 }, (_, at) => putMember(state, id, member(`m${at}`))));
    now += 5000;
    used.length = 0;
    await advanceIncident(world(), { incidentId: id, groupKey: group });
    const sum = (operations: readonly string[]) =>
      used
        .filter(({ operation }) => operations.includes(operation))
        .reduce((total, { units }) => total + units, 0);
    // Members, incident, settings and mutes, twice: before and after the write. The incident twice, its timeline.
    expect(sum(['get', 'query', 'batchGet'])).toBeLessThan(30);
    expect(sum(['put', 'update'])).toBeLessThan(50);
    const stored = await loadIncident(state, id);
    expect(stored?.incident).toMatchObject({ firing: 100, status: 'open', announcementNo: 1 });
    expect(await readMembersOf(state, id)).toHaveLength(100);
  });
});
