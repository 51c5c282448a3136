import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { announce } from '../../shared/notifications/announce.ts';
import type { Announcement } from '../../shared/notifications/announcement.ts';
import {
  noteFailure,
  noteSuccess,
  probeNow,
  readBreaker,
  takeProbe,
} from '../../shared/notifications/breaker.ts';
import { channelKey } from '../../shared/notifications/channel.ts';
import { notificationKey } from '../../shared/notifications/notification.ts';
import { changeNotification, readNotification, readNotifications } from '../../shared/notifications/store.ts';
import { listUndelivered, undeliveredKeys } from '../../shared/notifications/undelivered.ts';
import { type Capacity, openTable, type Table, type Value } from '../../shared/storage/index.ts';
import { announcementOf, channelOf } from '../domain/notifications/engine-world.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const at = 1_800_000_000_000;
const day = 86_400;
const slack = channelOf('slack');

describe('notifications in the state table', () => {
  let engine: Engine;
  let state: Table;
  let now = at;
  let ids = 0;
  const used: Capacity[] = [];
  const world = () => ({ state, clock: () => now, newId: () => `id-${ids++}` });
  beforeAll(async () => {
    engine = await startEngine();
    await createTable(engine.client, 'state');
    state = openTable('state', () => now, {
      client: engine.client,
      onCapacity: (capacity) => used.push(capacity),
    });
  });
  beforeEach(() => {
    now = at;
  });
  afterAll(() => engine.stop());

  const tell = (incidentId: string, no: number, fields: Partial<Announcement> = {}) =>
    announce(
      world(),
      [slack],
      announcementOf(no, no % 2 === 1 ? 'firing' : 'resolved', { incidentId, ...fields }),
    );
  const dueOf = async (incidentId: string) => {
    const item = await state.get(notificationKey(slack.id, incidentId), { consistent: true });
    return { due: item?.due, dueAt: item?.dueAt, expiresAt: item?.expiresAt };
  };
  const change = (incidentId: string, fields: object) =>
    changeNotification(world(), slack.id, incidentId, (before) => before && { ...before, ...fields });

  test('what is unsent lies in the index at its time and never expires; what is sent has left the index and expires', async () => {
    await tell('index', 1);
    const { due } = await dueOf('index');
    expect(due).toMatch(/^SEND#[0-7]$/);
    expect(await dueOf('index')).toEqual({ due, dueAt: at, expiresAt: undefined });
    expect(await state.queryDue(String(due), at, 10)).toMatchObject([notificationKey(slack.id, 'index')]);
    expect(await state.queryDue(String(due), at - 1, 10)).toEqual([]);
    await change('index', { nextAttemptAt: at + 60_000 });
    expect(await dueOf('index')).toMatchObject({ due, dueAt: at + 60_000 });
    await change('index', { claim: { by: 'x', until: at + 30_000 } });
    expect(await dueOf('index')).toMatchObject({ due, dueAt: at + 30_000 });
    await change('index', { claim: undefined, lookAt: at + 5_000 });
    expect(await dueOf('index')).toMatchObject({ due, dueAt: at + 5_000 });
    await change('index', {
      nextAttemptAt: 0,
      isUndelivered: true,
      undeliveredAt: at + 7_000,
      lookAt: undefined,
    });
    expect(await dueOf('index')).toMatchObject({
      due: due?.toString().replace('SEND', 'UNDELIVERED'),
      dueAt: at + 7_000,
      expiresAt: at / 1000 + 90 * day,
    });
    await change('index', { unsent: [], sentStatus: 'firing' });
    expect(await dueOf('index')).toEqual({
      due: undefined,
      dueAt: undefined,
      expiresAt: at / 1000 + 400 * day,
    });
    await change('index', { sentStatus: 'resolved' });
    expect(await dueOf('index')).toMatchObject({ expiresAt: at / 1000 + 90 * day });
  });

  test('a repeat writes nothing; an announcement costs one read and one write (fault 1)', async () => {
    used.length = 0;
    await tell('cost', 1);
    expect(used.map(({ operation }) => operation)).toEqual(['get', 'put']);
    used.length = 0;
    await tell('cost', 1);
    expect(used.map(({ operation }) => operation)).toEqual(['get']);
  });

  test('eight writers at once lose nothing', async () => {
    await tell('race', 1);
    const counted = Array.from({ length: 8 }, () =>
      changeNotification(
        world(),
        slack.id,
        'race',
        (before) => before && { ...before, attempts: before.attempts + 1 },
      ),
    );
    await Promise.all(counted);
    const found = await readNotification(state, notificationKey(slack.id, 'race'));
    expect([found?.attempts, found?.version]).toEqual([8, 9]);
  });

  test('a notification that expired begins anew, also before DynamoDB has deleted it', async () => {
    await tell('expired', 1);
    await change('expired', { unsent: [], sentStatus: 'resolved' });
    now = at + 91 * day * 1000;
    await tell('expired', 1);
    expect((await readNotification(state, notificationKey(slack.id, 'expired')))?.unsent).toHaveLength(1);
  });

  test('a full notification is far below what an item may have (fault 7)', async () => {
    const alert = {
      alertId: 'a'.repeat(24),
      ruleName: 'r'.repeat(100),
      subject: 's'.repeat(200),
      state: 'firing' as const,
      severity: 'critical' as const,
      reason: 'x'.repeat(512),
      value: 1,
      firedAt: at,
      labels: Object.fromEntries(Array.from({ length: 20 }, (_, no) => [`label${no}`, 'v'.repeat(100)])),
    };
    for (let no = 1; no <= 24; no++)
      await tell('full', no, { alerts: Array.from({ length: 10 }, () => alert) });
    const found = await readNotification(state, notificationKey(slack.id, 'full'));
    expect(found?.unsent.at(-1)?.no).toBe(24);
    expect(JSON.stringify(found).length).toBeLessThan(380_000);
  });

  test('who was told of an incident is found by the channels there are', async () => {
    await state.put({ ...channelKey(slack.id), v: 1, ...(slack as unknown as Record<string, Value>) });
    await tell('asked', 1);
    expect(await readNotifications(state, 'asked')).toMatchObject([
      { channelId: slack.id, unsent: [{ no: 1 }] },
    ]);
    expect(await readNotifications(state, 'not-asked')).toEqual([]);
  });

  test('what was not delivered is listed from the index, newest first', async () => {
    now = at + 1_000_000;
    for (const [incidentId, undeliveredAt] of [
      ['old', at],
      ['new', at + 2000],
      ['middle', at + 1000],
    ] as const) {
      await tell(incidentId, 1);
      await change(incidentId, { nextAttemptAt: 0, isUndelivered: true, undeliveredAt, lastError: 'gone' });
    }
    expect((await undeliveredKeys(state, now)).map(({ incidentId }) => incidentId)).toEqual([
      'old',
      'middle',
      'new',
    ]);
    const listed = await listUndelivered(state, () => now, 2);
    expect(listed.map(({ incidentId, reason }) => [incidentId, reason])).toEqual([
      ['new', 'gone'],
      ['middle', 'gone'],
    ]);
  });

  test('of those who want to probe a channel at once, one gets it', async () => {
    const failure = { reason: 'refused', isFinal: false };
    for (let times = 0; times < 5; times++) await noteFailure(world(), 'probed', failure, 1);
    const open = await readBreaker(state, 'probed');
    expect(open).toMatchObject({ failures: 5, probeAt: at + 15_000 });
    now = at + 15_000;
    const got = await Promise.all([1, 2, 3, 4].map(() => takeProbe(world(), 'probed', open)));
    expect(got.filter(Boolean)).toHaveLength(1);
    expect((await readBreaker(state, 'probed')).probeAt).toBe(now + 30_000);
    await probeNow(world(), 'probed');
    expect((await readBreaker(state, 'probed')).probeAt).toBe(now);
    await noteSuccess(world(), 'probed');
    expect(await readBreaker(state, 'probed')).toMatchObject({ failures: 0, probeAt: 0 });
  });
});
