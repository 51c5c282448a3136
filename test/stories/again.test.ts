import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { ownSignals } from '../../shared/alerting/signals.ts';
import { checksPath, makeCheck } from './checks.ts';
import { deadLetters, type QueueName, send } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { rowsOf } from './tables.ts';
import { openTarget, type Target } from './target.ts';
import { withAll, withoutSchedule } from './template.ts';

let stack: Stack | undefined;
let target: Target | undefined;
afterEach(async () => {
  await target?.close();
  await stack?.close();
});

/** Repeatable, and alike for nobody. */
const shuffled = <T>(all: readonly T[], seed: number): readonly T[] =>
  all
    .map((one, index) => [createHash('sha256').update(`${seed} ${index}`).digest('hex'), one] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, one]) => one);

test.each([1, 2, 3])(
  'every message and event of an eventful quarter of an hour sent again, late, twice over and in any order (%i), changes no item but hints for readers, looks at no target and tells nothing (faults 1 and 2)',
  async (seed) => {
    const open = await openStack({
      patchTemplate: withAll(
        ...['dispatcher', 'sweeper', 'notifier', 'watchdog', 'rollup'].map(withoutSchedule),
      ),
    });
    stack = open;
    target = await openTarget();
    const sent: [QueueName, string][] = [];
    const slots = async (shard: string): Promise<void> => {
      const body = JSON.stringify({ kind: 'slot', shard, slotAt: open.host.now(), planVersion: 1 });
      sent.push(['Slots', body]);
      await send(open, 'Slots', [body]);
      await open.host.settle();
    };
    const check = { name: 'web', type: 'http', target: target.url, retries: 0, failureThreshold: 2 };
    const moving = await makeCheck(open, { ...check, interval: '20s' });
    const gone = await makeCheck(open, { ...check, name: 'gone', interval: '30s' });
    await open.advance('3m');
    for (const conduct of ['up', 'failing', 'closed', 'up', 'up'] as const) {
      await target.become(conduct);
      await open.advance('20s');
      await slots('home.public.20.0');
      await slots('home.public.30.0');
    }
    await open.api('PUT', `${checksPath}/${moving}`, { body: { ...check, interval: '30s' } });
    await open.api('DELETE', `${checksPath}/${gone}`);
    await open.advance('3m');
    await open.api('PUT', `${checksPath}/${moving}`, { body: { ...check, interval: '20s' } });
    await open.advance('3m');

    for (const event of open.events()) {
      const body = JSON.stringify(event);
      if (event['detail-type'] === 'check.changed') sent.push(['PlanChanges', body]);
      if ((ownSignals as readonly string[]).includes(event['detail-type'])) sent.push(['Signals', body]);
    }
    expect(sent.length).toBeGreaterThan(20);
    // A hint that something may have changed is given again: whoever shows it reads once more, and nothing follows.
    const byKey = async () =>
      new Map(
        (await rowsOf(open))
          .filter(({ pk }) => pk !== 'CHANGES')
          .map(({ pk, sk, ...rest }) => [`${pk} ${sk}`, rest] as const),
      );
    const before = await byKey();
    const [events, requests] = [open.events().length, target.requests()];
    for (const [queue, body] of shuffled([...sent, ...sent], seed)) await send(open, queue, [body]);
    await open.host.settle();
    await open.advance('2m');
    expect(await byKey()).toEqual(before);
    expect(open.events().length).toBe(events);
    expect(target.requests()).toBe(requests);
    expect(await deadLetters(open)).toEqual({});
  },
);
