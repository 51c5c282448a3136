import { expect, test } from 'vitest';
import { checkIdOf } from '../../../shared/health/check.ts';
import { parseCondition } from '../../../shared/health/conditions/parse.ts';
import { CannotTell, TargetFailed } from '../../../shared/health/probing/outcome.ts';
import { look, portsWith } from './look.ts';

const target = 'arn:aws:lambda:us-east-1:111122223333:function:shop-health';
const ask = (answer: unknown, conditions: readonly string[] = []) =>
  look(
    { type: 'lambda', target, config: {}, conditions: conditions.map(parseCondition) },
    { ports: portsWith({ invoke: async () => answer }) },
  );
const expected = 'expected {"status": "healthy" | "degraded" | "unhealthy" | "unknown", "reason"?: "…"}';

test.each([
  { answer: { status: 'healthy' }, status: 'healthy', reason: null },
  { answer: { status: 'healthy', reason: 'all is well' }, status: 'healthy', reason: null },
  {
    answer: { status: 'degraded', reason: 'the queue grows' },
    status: 'degraded',
    reason: 'the queue grows',
  },
  { answer: { status: 'unhealthy', reason: 'no stock' }, status: 'unhealthy', reason: 'no stock' },
  { answer: { status: 'unknown', reason: 'no data' }, status: 'unknown', reason: 'no data' },
  {
    answer: { status: 'unhealthy' },
    status: 'unhealthy',
    reason: 'the function says unhealthy and gives no reason',
  },
  {
    answer: { status: 'OK' },
    status: 'unhealthy',
    reason: `the function answered {"status":"OK"}, ${expected}`,
  },
  { answer: null, status: 'unhealthy', reason: `the function answered null, ${expected}` },
  { answer: undefined, status: 'unhealthy', reason: `the function answered nothing, ${expected}` },
  { answer: 'healthy', status: 'unhealthy', reason: `the function answered "healthy", ${expected}` },
  {
    answer: { status: 'unhealthy', reason: 'line\nbreak' },
    status: 'unhealthy',
    reason: 'line break',
  },
])('the answer $answer: $status', async ({ answer, status, reason }) => {
  expect(await ask(answer)).toMatchObject({ status, reason });
});

test('conditions are judged on the whole answer', async () => {
  const answer = { status: 'healthy', queue: { length: 12 } };
  expect(await ask(answer, ['[BODY].queue.length < 20'])).toMatchObject({ status: 'healthy' });
  expect(await ask(answer, ['[BODY].queue.length < 10'])).toMatchObject({
    status: 'unhealthy',
    reason: expect.stringContaining('12'),
  });
});

test('the function is told for which check it looks', async () => {
  const calls: unknown[] = [];
  const ports = portsWith({
    invoke: async (name, payload) => {
      calls.push({ name, payload });
      return { status: 'healthy' };
    },
  });
  await look({ type: 'lambda', target, config: {} }, { ports });
  const payload = { checkId: checkIdOf('shop', 'check-1'), name: 'check-1', deploymentId: 'shop' };
  expect(calls).toEqual([{ name: target, payload }]);
});

test.each([
  { error: new TargetFailed('the function failed: no database'), status: 'unhealthy' },
  { error: new CannotTell('the function shop-health is not listed'), status: 'unknown' },
])('$error.message: $status', async ({ error, status }) => {
  const ports = portsWith({ invoke: () => Promise.reject(error) });
  expect(await look({ type: 'lambda', target, config: {} }, { ports })).toMatchObject({
    status,
    reason: error.message,
  });
});
