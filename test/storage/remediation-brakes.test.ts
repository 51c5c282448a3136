import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freeLeases, noteVerdict, readHeal, takeLeases } from '../../shared/remediation/lease.ts';
import { readChanged, reserveLimits } from '../../shared/remediation/limits.ts';
import type { Plan } from '../../shared/remediation/plan.ts';
import { readStop, setStop } from '../../shared/remediation/stop-switch.ts';
import { type Capacity, openTable, type Table } from '../../shared/storage/index.ts';
import { day, hour, noon, planOf, restart, second } from '../domain/remediation/plans.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const remedy = 'health_remediation.unhealthy_service';

describe('brakes in the state table', () => {
  let engine: Engine;
  let state: Table;
  let now = noon;
  let ids = 0;
  let runs = 0;
  const used: Capacity[] = [];
  const ports = () => ({ state, newId: () => `id-${ids++}` });
  beforeAll(async () => {
    engine = await startEngine();
    await createTable(engine.client, 'state');
    state = openTable('state', () => now, { client: engine.client, onCapacity: (one) => used.push(one) });
  });
  beforeEach(() => {
    now = noon;
    runs++;
    used.length = 0;
  });
  afterAll(() => engine.stop());

  /** Of resources and a policy of this test alone. */
  const planFor = (name: string, occurrence = '1'): Plan => {
    const plan = planOf({
      actions: [restart(`${runs}-${name}`)],
      occasion: { ...planOf().occasion, occurrence },
    });
    return plan.policy ? { ...plan, policy: { ...plan.policy, id: `policy-${runs}` } } : plan;
  };
  const reservation = (plan: Plan, maxCount: number) => ({
    plan,
    bounds: { limits: { maxCount }, remedy },
    now,
    inNeed: [],
    total: 100,
  });

  test('twelve plans that ask at once never pass a limit of three together', async () => {
    const names = 'abcdefghijkl';
    const holds = await Promise.all(
      [...names].map((name) => reserveLimits(ports(), reservation(planFor(name), 3))),
    );
    expect(holds.filter((hold) => hold === undefined)).toHaveLength(3);
    expect(await readChanged(state, planFor('nobody'), now)).toHaveLength(3);
  });

  test('of eight plans that ask for one resource at once one gets it', async () => {
    const plans = Array.from({ length: 8 }, (_, at) => planFor('a', String(at)));
    const holds = await Promise.all(plans.map((plan) => takeLeases(ports(), { plan, attempt: 1, now })));
    expect(holds.filter((held) => held.length === 0)).toHaveLength(1);
    const { lease } = await readHeal(state, restart(`${runs}-a`).resource);
    expect(lease?.planHash).toBe(plans[holds.findIndex((held) => held.length === 0)]?.hash);
  });

  test('what was reserved counts for an hour, and its item is gone after two', async () => {
    expect(await reserveLimits(ports(), reservation(planFor('a'), 1))).toBeUndefined();
    now = noon + hour - second;
    expect((await reserveLimits(ports(), reservation(planFor('b'), 1)))?.brake).toBe('blast_radius');
    now = noon + 2 * hour + second;
    expect(await readChanged(state, planFor('b'), now)).toEqual([]);
    expect(await reserveLimits(ports(), reservation(planFor('b'), 1))).toBeUndefined();
  });

  test('a resource is remembered for a day of verdicts, and is as new two days later', async () => {
    const plan = planFor('a');
    const { resource } = restart(`${runs}-a`);
    await takeLeases(ports(), { plan, attempt: 1, now });
    await noteVerdict(ports(), { plan, status: 'succeeded', now });
    now = noon + day;
    expect((await readHeal(state, resource)).verdicts).toHaveLength(1);
    now = noon + 2 * day + second;
    expect(await readHeal(state, resource)).toMatchObject({ verdicts: [], revision: 0 });
    expect(await takeLeases(ports(), { plan: planFor('a', '2'), attempt: 1, now })).toEqual([]);
  });

  test('taking and freeing one lease costs two reads and two writes of one small item', async () => {
    const plan = planFor('a');
    await takeLeases(ports(), { plan, attempt: 1, now });
    await freeLeases(ports(), plan, now);
    expect(used.map(({ operation, units }) => `${operation} ${units}`)).toEqual([
      'get 1',
      'put 1',
      'get 1',
      'update 1',
    ]);
  });

  test('the stop switch: whoever reads it after it was set sees it; what says nothing plain is on', async () => {
    expect(await readStop(state)).toEqual({ isOn: false });
    const on = { isOn: true, by: 'token:ann', reason: 'we look', at: noon };
    await setStop(state, on);
    expect(await readStop(state)).toEqual(on);
    await setStop(state, { ...on, isOn: false });
    expect(await readStop(state)).toMatchObject({ isOn: false, by: 'token:ann' });
    await state.put({ pk: 'REMEDIATION', sk: 'STOP', v: 2, isOn: 'yes' });
    expect((await readStop(state)).isOn).toBe(true);
  });
});
