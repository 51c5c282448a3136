import { afterEach, expect, test } from 'vitest';
import { changesOf, distinctChangesOf, makeCheck, readCheck, statusOf } from './checks.ts';
import { deadLetters, redrive, send } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { withoutPermission } from './template.ts';

let stack: Stack | undefined;
let target: Target | undefined;
afterEach(async () => {
  await target?.close();
  await stack?.close();
  stack = undefined;
  target = undefined;
});

/** The sentence a person sees for a refused call, by the short name of who was refused. */
const refusals = (open: Stack, source: string): readonly string[] =>
  open.lines
    .filter((line) => line.source === source && line.text.includes('may not'))
    .map(({ text }) => text);

const deadIn = (depths: Readonly<Record<string, number>>, name: string): number =>
  Object.entries(depths).find(([queue]) => queue.includes(name))?.[1] ?? 0;

test('a runner that may not write says which statement is missing, and its targets are not shown as down (faults 10 and 16)', async () => {
  stack = await openStack({
    onDisk: true,
    patchTemplate: withoutPermission('runner', 'Telemetry', 'dynamodb:PutItem'),
  });
  target = await openTarget();
  await target.become('closed');
  const id = await makeCheck(stack, { target: target.address, interval: '30s', retries: 0 });
  await stack.advance(270_000);
  const [sentence = ''] = refusals(stack, 'runner');
  expect(sentence).toMatch(/^role \S*Runner\S* may not dynamodb:PutItem on arn:aws:dynamodb:\S+Telemetry/);
  expect(sentence).toContain('no statement allows it');
  expect(sentence).toContain('"Action":"dynamodb:PutItem"');
  expect(sentence).toContain('functions/runner/contract.ts');
  expect(await readCheck(stack, id)).toMatchObject({
    status: 'unknown',
    reason: expect.stringMatching(/^no result since it was scheduled at /),
  });
  expect(changesOf(stack, id)).toEqual([]);
  const dead = deadIn(await deadLetters(stack), 'SlotsDead');
  expect(dead).toBeGreaterThan(0);
  expect(stack.lines.filter(({ source }) => source === 'alarm').length).toBeGreaterThan(0);

  await target.become('up');
  await stack.restart({ patchTemplate: () => {} });
  await stack.advance('30s');
  expect(await statusOf(stack, id)).toBe('healthy');
  const told = changesOf(stack, id).length;
  const requests = target.requests();
  const bodies = await redrive(stack, 'SlotsDead', 'Slots');
  expect(bodies.length).toBeGreaterThanOrEqual(dead);
  expect(target.requests()).toBe(requests);
  expect(await statusOf(stack, id)).toBe('healthy');
  expect(changesOf(stack, id)).toHaveLength(told);
  await stack.advance('5m');
  expect(await deadLetters(stack)).toEqual({});
  expect(distinctChangesOf(stack, id)).toEqual(['unknown → healthy']);
});

test('a projector that may not send says which statement is missing, and its dead letters can be sent again and again (fault 10)', async () => {
  stack = await openStack({
    onDisk: true,
    patchTemplate: withoutPermission('projector', 'Slots', 'sqs:SendMessage'),
  });
  target = await openTarget();
  const id = await makeCheck(stack, { target: target.address });
  await stack.advance('7m');
  const [sentence = ''] = refusals(stack, 'projector');
  expect(sentence).toMatch(/^role \S*Projector\S* may not sqs:SendMessage on arn:aws:sqs:\S+Slots/);
  expect(sentence).toContain('"Action":"sqs:SendMessage"');
  expect(sentence).toContain('functions/projector/contract.ts');
  expect(await statusOf(stack, id)).toBe('unknown');
  expect(target.requests()).toBe(0);
  expect(deadIn(await deadLetters(stack), 'PlanChangesDead')).toBe(1);

  await stack.restart({ patchTemplate: () => {} });
  const [body = ''] = await redrive(stack, 'PlanChangesDead', 'PlanChanges');
  expect(JSON.parse(body)).toMatchObject({ 'detail-type': 'check.changed', detail: { checkId: id } });
  await stack.advance('2m');
  expect(await readCheck(stack, id)).toMatchObject({ status: 'healthy' });
  await send(stack, 'PlanChanges', [body, body]);
  await stack.advance('1m');
  expect(await readCheck(stack, id)).toMatchObject({ status: 'healthy' });
  expect(distinctChangesOf(stack, id)).toEqual(['unknown → healthy']);
  expect(await deadLetters(stack)).toEqual({});
});
