import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve } from '../../shared/remediation/approve.ts';
import { count, remediationCounters } from '../../shared/remediation/counters.ts';
import { isListCursor, listRemediation, listRemediations } from '../../shared/remediation/list.ts';
import { isLogCursor, keepEntries, keepEntry, readLog } from '../../shared/remediation/log.ts';
import { mostActions, mostPlanBytes } from '../../shared/remediation/make-plan.ts';
import { propose } from '../../shared/remediation/propose.ts';
import { runKey } from '../../shared/remediation/record.ts';
import type { LogEntry, Remediation } from '../../shared/remediation/remediation.ts';
import { changeRemediation, readRemediation } from '../../shared/remediation/store.ts';
import { openTable, type Table } from '../../shared/storage/index.ts';
import { manual, plannedOf, planOf } from '../domain/remediation/small-world.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const started = Date.UTC(2026, 10, 2, 12);
const day = 86_400_000;

describe('remediations in the state table', () => {
  let engine: Engine;
  let state: Table;
  let now = started;
  let ids = 0;
  const clock = () => now;
  beforeAll(async () => {
    engine = await startEngine();
    await createTable(engine.client, 'state');
    state = openTable('state', clock, { client: engine.client });
  });
  afterAll(() => engine.stop());

  const world = () => ({
    state,
    bus: {
      publish: async (events: readonly { readonly detail: { readonly id: string } }[]) =>
        events.map(({ detail }) => detail.id),
    },
    clock,
    newId: () => `id-${++ids}`,
    place: { accountId: '123456789012', region: 'eu-central-1' },
    onTrouble: (what: string, error: Error) => {
      throw new Error(what, { cause: error });
    },
  });
  const proposedIn = (deploymentId: string, occurrence: string) =>
    propose(
      world(),
      planOf({ deploymentId, occasion: { ...planOf().occasion, occurrence }, approval: manual }),
    );

  test('what was written is read again, with images nested deeper than maps of DynamoDB may be', async () => {
    let image: unknown = { desired: 1 };
    for (let depth = 0; depth < 40; depth++) image = { inner: image };
    const base = planOf({ services: ['web'] });
    const [action] = base.actions;
    if (!action) throw new Error('the plan has an action');
    const plan = planOf({ actions: [{ ...action, before: image as never }], approval: manual });
    const made = await propose(world(), plan, { by: 'token:ann', comment: 'go' });
    const { remediation } = await changeRemediation(world(), plan.hash, (found) => ({
      draft: { remediation: { ...found, after: [image as never], taskToken: 'token' }, entries: [] },
      answer: undefined,
    }));
    expect(await readRemediation(state, plan.hash)).toEqual({ ...remediation, outbox: [] });
    expect(remediation).toMatchObject({ ...made, revision: 2, outbox: [], taskToken: 'token' });
  });

  test('the largest plan with the largest images stays far below 400 KB (fault 7)', async () => {
    const actions = Array.from({ length: mostActions }, (_, at) => ({
      ...plannedOf(`service-${at}`),
      before: { note: 'x'.repeat(2400) },
    }));
    const plan = planOf({ actions, approval: { ...manual, people: 2 } });
    expect(JSON.stringify(plan).length).toBeGreaterThan(0.9 * mostPlanBytes);
    await propose(world(), plan);
    // As much as is kept of each: a reason of 500 characters, a receipt and an image of a thousand.
    const filler = { note: 'x'.repeat(1000) };
    const { remediation } = await changeRemediation(world(), plan.hash, (found) => ({
      draft: {
        remediation: {
          ...found,
          actions: found.actions.map((one) => ({ ...one, reason: 'x'.repeat(500), receipt: filler })),
          after: found.actions.map(() => filler),
        },
        entries: [],
      },
      answer: undefined,
    }));
    expect(remediation.actions).toHaveLength(50);
    const item = await state.get(runKey(plan.hash));
    expect(JSON.stringify(item).length).toBeLessThan(300 * 1024);
  });

  test('the record is never rewritten: the same entry again changes nothing, another one is added', async () => {
    const hash = planOf({ services: ['jobs'] }).hash;
    const entry: LogEntry = { at: now, kind: 'applied', by: 'homeostat', attempt: 1, text: 'done' };
    await keepEntries(state, hash, [entry, { ...entry, kind: 'started' }]);
    await keepEntry(state, hash, entry);
    await keepEntry(state, hash, { ...entry, text: 'done otherwise' });
    const first = await readLog(state, hash, { limit: 2 });
    expect(first.entries.map(({ kind, text }) => `${kind} ${text}`)[0]).toBe('started done');
    expect(isLogCursor(first.next ?? '')).toBe(true);
    const rest = await readLog(state, hash, { limit: 2, cursor: first.next });
    expect([...first.entries, ...rest.entries].map(({ text }) => text).sort()).toEqual([
      'done',
      'done',
      'done otherwise',
    ]);
  });

  test('lists are newest first, over months, page by page, within reach', async () => {
    const hashes: string[] = [];
    for (let at = 0; at < 7; at++) {
      now = started + at * 10 * day;
      hashes.push((await proposedIn(at % 2 === 0 ? 'list-a' : 'list-b', `${at}`)).plan.hash);
    }
    const list = (given: Partial<Parameters<typeof listRemediations>[1]>) =>
      listRemediations(state, { reach: ['list-a', 'list-b'], limit: 3, from: started, ...given }, now);
    const first = await list({});
    expect(first.remediations.map(({ planHash }) => planHash)).toEqual(hashes.slice(4).reverse());
    expect(isListCursor(first.next ?? '')).toBe(true);
    const second = await list({ cursor: first.next });
    expect(second.remediations.map(({ planHash }) => planHash)).toEqual(hashes.slice(1, 4).reverse());
    const third = await list({ cursor: second.next });
    expect(third).toMatchObject({ remediations: [{ planHash: hashes[0] }], next: undefined });
    const mine = await list({ reach: ['list-b'], limit: 10 });
    expect(mine.remediations.map(({ deploymentId }) => deploymentId)).toEqual(['list-b', 'list-b', 'list-b']);
    const early = await list({ limit: 10, to: started + 10 * day });
    expect(early.remediations.map(({ planHash }) => planHash)).toEqual([hashes[1], hashes[0]]);
    await approve(world(), hashes[6] ?? '', { by: 'token:bob' });
    expect(await list({ status: 'approved', limit: 10 })).toMatchObject({
      remediations: [{ planHash: hashes[6], status: 'approved' }],
    });
    expect((await list({ status: 'active', limit: 10 })).remediations).toHaveLength(7);
  });

  test('an older version never goes over a newer one in the list (fault 2)', async () => {
    const older = await proposedIn('order', '1');
    const newer: Remediation = { ...older, revision: 3, status: 'failed', reason: 'no' };
    await listRemediation(state, newer);
    await listRemediation(state, older);
    const { remediations } = await listRemediations(state, { reach: ['order'], limit: 10 }, now);
    expect(remediations).toMatchObject([{ status: 'failed', reason: 'no' }]);
  });

  test('of many that are counted at once, and twice, each counts once', async () => {
    const over = await Promise.all(
      Array.from({ length: 12 }, async (_, at): Promise<Remediation> => {
        const made = await proposedIn('count', `${at}`);
        return { ...made, status: 'failed', endedAt: now };
      }),
    );
    await Promise.all([...over, ...over].map((one) => count(world(), one)));
    expect((await remediationCounters(state)).remediations).toEqual([
      { action: 'ecs-scale', outcome: 'failed', count: 12 },
    ]);
  });
});
