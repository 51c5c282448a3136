import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { changesOf, checksPath, detailsOf, makeWatchedCheck, readCheck } from './checks.ts';
import { unpublished } from './published.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { follow } from './timeline.ts';

let stack: Stack;
let target: Target;
let id: string | undefined;
beforeAll(async () => {
  stack = await openStack();
});
afterEach(async () => {
  await target.close();
  if (id !== undefined) await stack.api('DELETE', `${checksPath}/${id}`);
});
afterAll(() => stack?.close());

const watched = async (name: string, thresholds: Readonly<Record<string, unknown>>): Promise<string> => {
  target = await openTarget();
  id = await makeWatchedCheck(stack, { name, target: target.url, retries: 0, ...thresholds });
  return id;
};

test('three failures among the last five make a check unhealthy, in whatever order, and a recovery forgives those before it', async () => {
  const check = await watched('three of five', { failureThreshold: '3 of 5' });
  await follow(stack, target, check, [
    ['failing', 'unhealthy', 'healthy', null],
    ['up', 'healthy', 'healthy', null],
    ['failing', 'unhealthy', 'healthy', null],
    ['up', 'healthy', 'healthy', null],
    ['failing', 'unhealthy', 'unhealthy', 'unhealthy'],
    ['up', 'healthy', 'unhealthy', null],
    ['up', 'healthy', 'healthy', 'healthy'],
    ['failing', 'unhealthy', 'healthy', null],
    ['failing', 'unhealthy', 'healthy', null],
    ['up', 'healthy', 'healthy', null],
    ['up', 'healthy', 'healthy', null],
    ['up', 'healthy', 'healthy', null],
    ['failing', 'unhealthy', 'healthy', null],
    ['closed', 'unhealthy', 'healthy', null],
    ['closed', 'unhealthy', 'unhealthy', 'unhealthy'],
  ]);
});

test('a single slow answer degrades nothing, several in a row do, and quick ones in a row heal it again', async () => {
  const check = await watched('slow', { degradedAbove: '1s', timeout: '4s', failureThreshold: 2 });
  await follow(stack, target, check, [
    ['up', 'healthy', 'healthy', null],
    ['slow', 'degraded', 'healthy', null],
    ['up', 'healthy', 'healthy', null],
    ['slow', 'degraded', 'healthy', null],
    ['slow', 'degraded', 'degraded', 'degraded'],
    ['up', 'healthy', 'degraded', null],
    ['up', 'healthy', 'healthy', 'healthy'],
  ]);
  await target.become('slow');
  await stack.advance('20s');
  expect(await readCheck(stack, check)).toMatchObject({
    status: 'degraded',
    reason: expect.stringMatching(/1[.,]?\d* ?m?s/),
  });
});

test('a check that goes back and forth is told once as flapping and once as settled, and changes no status by it (fault 13)', async () => {
  const check = await watched('back and forth', {});
  const flapping = () =>
    detailsOf(stack, 'check.flapping')
      .filter(({ checkId }) => checkId === check)
      .map(({ state, turns, reason }) => [state, turns, reason]);
  for (let slot = 1; slot <= 7; slot++) {
    await target.become(slot % 2 === 1 ? 'failing' : 'up');
    await stack.advance('10s');
  }
  expect(flapping()).toEqual([]);
  await target.become('up');
  await stack.advance('10s');
  const started = [
    'started',
    8,
    expect.stringMatching(/^8 turns between success and failure in the last \d+ results$/),
  ];
  expect(flapping()).toEqual([started]);
  // Twenty results are remembered: fifteen slots later four turns are still among them, one more and three are left.
  await stack.advance('150s');
  expect(flapping()).toEqual([started]);
  await stack.advance('10s');
  const ended = ['ended', 3, '3 turns between success and failure in the last 20 results'];
  expect(flapping()).toEqual([started, ended]);
  await stack.advance('1m');
  expect(flapping()).toHaveLength(2);
  expect(changesOf(stack, check)).toEqual(['unknown → healthy']);
  expect(await unpublished(stack)).toEqual([]);
});
