import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Killed } from './mortal.ts';
import { lineOf, minute, noon, openWorld, second, type World } from './world.ts';

const at = (minutes: number, seconds = 0) => noon + minutes * minute + seconds * second;

type Kill = { readonly step: number };

/** One of everything: two alerts, two channels, an escalation, people, a silence, a reopening. */
const play = async (kills: readonly Kill[] = []) => {
  const world = await openWorld({
    settings: {
      defaultChannels: ['slack', 'mail'],
      escalation: [{ afterSeconds: 60, channels: ['pager'], severity: 'critical' }],
    },
  });
  let steps = 0;
  world.interruptWith((what) => {
    const step = steps++;
    if (kills.some((kill) => kill.step === step)) throw new Killed(what);
  });
  const script: readonly (readonly [number, () => Promise<unknown>])[] = [
    [at(0), () => world.fire('a')],
    [at(0, 1), () => world.fire('note', { severity: 'info', rule: 'Cost' })],
    [at(2, 30), () => world.acknowledge('a')],
    [at(3, 30), () => world.comment('a', 'The disk is full.')],
    [at(4, 30), () => world.fire('b')],
    [at(10, 30), () => world.resolve('a')],
    [at(11, 30), () => world.resolve('b')],
    [at(12, 30), () => world.resolve('note')],
    [at(14, 30), () => world.fire('a')],
    [at(15, 30), () => world.resolveByHand('a')],
  ];
  for (const [when, act] of script) {
    await world.run(when);
    await world.surviving(act);
  }
  await world.run(at(17));
  world.interruptWith(() => {});
  return { steps, ...(await essenceOf(world)) };
};

/** What must be the same however often it was killed: not how often it was looked at. */
const essenceOf = async (world: World) => ({
  told: world.told.map(lineOf),
  events: [...new Map(world.published.map(({ detail }) => [detail.id, detail])).values()].map((detail) =>
    'change' in detail ? detail.change : undefined,
  ),
  timeline: (await world.timeline('a')).map(({ kind, text, by }) => `${kind} ${by} ${text}`),
  incident: { ...(await world.incident('a')), id: '', version: 0, wakeAt: 0 },
  digest: [...world.state.items.keys()].filter((key) => key.startsWith('DIGEST#')).length,
});

const faultFree = await play();

test('without faults, all is told', () => {
  expect(faultFree.told).toEqual([
    '00:05 slack firing 1+0 error',
    '00:05 mail firing 1+0 error',
    '01:05 slack escalated 1+0 critical',
    '01:05 mail escalated 1+0 critical',
    '01:05 pager escalated 1+0 critical',
    '02:35 slack acknowledged 1+0 critical',
    '02:35 mail acknowledged 1+0 critical',
    '02:35 pager acknowledged 1+0 critical',
    '06:05 slack update 2+0 critical',
    '06:05 mail update 2+0 critical',
    '11:35 slack resolved 0+2 critical',
    '11:35 mail resolved 0+2 critical',
    '11:35 pager resolved 0+2 critical',
    '14:35 slack firing 1+0 error',
    '14:35 mail firing 1+0 error',
    '15:35 slack resolved 0+1 error',
    '15:35 mail resolved 0+1 error',
  ]);
  expect(faultFree.digest).toBe(1);
  expect(faultFree.timeline.filter((line) => line.startsWith('commented'))).toEqual([
    'commented token:ann The disk is full.',
  ]);
});

describe('killed before or after the n-th call of all, for every n, and done again', () => {
  const parts = 4;
  test.each(Array.from({ length: parts }, (_, part) => [part] as const))(
    'nothing is lost and nothing is told twice, part %i (faults 1 and 3)',
    async (part) => {
      for (let step = part; step < faultFree.steps; step += parts) {
        const killed = await play([{ step }]);
        expect({ ...killed, steps: 0 }, `killed at step ${step}`).toEqual({ ...faultFree, steps: 0 });
      }
    },
  );
});

test('killed any number of times: as if nothing had happened (fault 3)', async () => {
  const kills = fc.array(fc.record({ step: fc.nat(faultFree.steps) }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(kills, async (killed) => {
      const { steps: _steps, ...end } = await play(killed);
      const { steps: _all, ...whole } = faultFree;
      expect(end).toEqual(whole);
    }),
    { numRuns: 20 },
  );
});
