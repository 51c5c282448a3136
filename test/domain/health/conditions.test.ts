import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Condition, Facts } from '../../../shared/health/conditions/condition.ts';
import { firstFailed } from '../../../shared/health/conditions/evaluate.ts';
import { parseCondition } from '../../../shared/health/conditions/parse.ts';
import { anyCondition } from './conditions-arbitrary.ts';

const failed = (text: string, facts: Facts) => firstFailed([parseCondition(text)], facts);
const json = (value: unknown): Facts => ({ BODY: JSON.stringify(value) });

describe('a condition holds', () => {
  test.each<[string, Facts]>([
    ['[STATUS] == 200', { STATUS: 200 }],
    ['[STATUS] in 200..299', { STATUS: 299 }],
    ['[STATUS] not in 200..299', { STATUS: 300 }],
    ['[STATUS] in [200, 204]', { STATUS: 204 }],
    ['[STATUS] != 500', { STATUS: 200 }],
    ['[BODY] == "ok"', { BODY: ' ok\n' }],
    ['[BODY] == 5', { BODY: '5\n' }],
    ['[BODY] == true', { BODY: 'true' }],
    ["[BODY] contains 'ok'", { BODY: 'all ok here' }],
    ['[BODY] not contains "error"', { BODY: 'fine' }],
    ['[BODY] matches "v\\d+"', { BODY: 'is v12' }],
    ['[BODY] matches "^\\\\d+$"', { BODY: '12' }],
    ['[BODY] not matches "(?i)ERROR"', { BODY: 'fine' }],
    ['[BODY].items[0].ok == true', json({ items: [{ ok: true }] })],
    ['[BODY][1] == "b"', json(['a', 'b'])],
    ['[BODY]["odd key"] == 1', json({ 'odd key': 1 })],
    ['[BODY].a == [BODY].b', json({ a: '1', b: 1 })],
    ['[BODY].used < [BODY].limit', json({ used: 7, limit: 8 })],
    ['[BODY].tags contains "live"', json({ tags: ['x', 'live'] })],
    ['[BODY].map contains "name"', json({ map: { name: 0 } })],
    ['[BODY].n > -1.5e3', json({ n: -1499 })],
    ['len([BODY].items) > 0', json({ items: [1] })],
    ['len([BODY].map) == 2', json({ map: { a: 1, b: 2 } })],
    ['len([BODY]) == 2', { BODY: '😀!' }],
    ['[HEADER].Content-Type contains "json"', { HEADER: new Map([['content-type', 'text/json']]) }],
    ['[HEADER].x-left < 100', { HEADER: { 'x-left': '99' } }],
    ['[RESPONSE_TIME] < 2s', { RESPONSE_TIME: 1999 }],
    ['[RESPONSE_TIME] <= 250ms', { RESPONSE_TIME: 250 }],
    ['[CERTIFICATE_DAYS] > 14d', { CERTIFICATE_DAYS: 15 }],
    ['[IP] in ["192.0.2.1", "192.0.2.2"]', { IP: '192.0.2.2' }],
    ['[CONNECTED] == true', { CONNECTED: true }],
    ['[DNS_ANSWER] contains "192.0.2.1"', { DNS_ANSWER: ['192.0.2.1'] }],
    ['len([DNS_ANSWER]) >= 2', { DNS_ANSWER: ['a', 'b'] }],
    ['[VALUE].state == "up"', { VALUE: '{"state":"up"}' }],
    ['[VALUE].state == "up"', { VALUE: { state: 'up' } }],
    ['[VALUE] >= 10', { VALUE: '10' }],
  ])('%s with %j', async (text, facts) => {
    expect(await failed(text, facts)).toBeUndefined();
  });
});

describe('a failure tells the condition with the actual value', () => {
  test.each<[string, Facts, string]>([
    ['[STATUS] in 200..299', { STATUS: 503 }, 'it is 503'],
    ['[BODY].items[0].ok == true', json({ items: [{ ok: false }] }), 'it is false'],
    ['[BODY].items[0].ok == true', json({ items: [] }), '[BODY].items[0] is missing'],
    ['[BODY].items[0].ok == true', json({ items: [{}] }), 'it is missing'],
    ['[BODY].ok == true', { BODY: '<html>' }, '[BODY] is not JSON'],
    ['[BODY].ok == true', { BODY: ' ' }, '[BODY] is empty'],
    ['[BODY] == "ok"', { BODY: 'no' }, 'it is "no"'],
    ['[BODY] == "ok"', { BODY: '' }, 'it is empty'],
    ['[BODY] contains "ok"', { BODY: 'x'.repeat(1000) }, `it is "${'x'.repeat(150)}…"`],
    ['[BODY].tags contains "live"', json({ tags: ['a', 1, {}] }), 'it is ["a", 1, …]'],
    ['[BODY].map contains "x"', json({ map: { a: 1, b: 2 } }), 'it is an object with a, b'],
    ['[BODY].n contains "x"', json({ n: 1 }), 'it is 1, which cannot be compared so'],
    ['[BODY].n < 5', json({ n: 'many' }), 'it is "many", which cannot be compared so'],
    ['[BODY].used <= [BODY].limit', json({ used: 9, limit: 8 }), 'it is 9, and on the right it is 8'],
    ['[BODY].used <= [BODY].limit', json({ used: 9 }), 'on the right, it is missing'],
    ['len([BODY].items) > 0', json({ items: [] }), 'it is 0'],
    ['len([BODY].items) > 0', json({ items: 3 }), 'what [BODY] has there is a number and has no length'],
    ['[HEADER].etag != "x"', { HEADER: new Map() }, 'it is missing'],
    ['[RESPONSE_TIME] < 2s', { RESPONSE_TIME: 2500 }, 'it is 2500 ms'],
    ['[CERTIFICATE_DAYS] > 14', {}, 'there is no [CERTIFICATE_DAYS]'],
  ])('%s with %j: %s', async (text, facts, why) => {
    expect(await failed(text, facts)).toBe(`${text}: ${why}`);
  });

  test('of several conditions, the first that fails', async () => {
    const conditions = ['[STATUS] == 200', '[BODY] == "a"', '[BODY] == "b"'].map(parseCondition);
    expect(await firstFailed(conditions, { STATUS: 200, BODY: 'c' })).toBe('[BODY] == "a": it is "c"');
  });

  test.each<[string, Facts, string]>([
    ['[BODY] == "a"', { BODY: 'canary' }, 'it is a text of 6 characters'],
    ['[BODY].x == 1', json({ x: ['canary'] }), 'it is a list of 1'],
    ['[BODY].x == 1', json({ x: { canary: 1 } }), 'it is an object'],
    ['[BODY].x == 1', json({ x: 4711 }), 'it is a number'],
    ['[HEADER].x == "a"', { HEADER: new Map([['x', 'canary']]) }, 'it is a text of 6 characters'],
    ['[VALUE] == 1', { VALUE: 'canary' }, 'it is a text of 6 characters'],
    ['[STATUS] == 1', { STATUS: 200 }, 'it is 200'],
    ['len([BODY]) > 9', { BODY: 'canary' }, 'it is 6'],
  ])(
    '%s: what the target wrote is told by type and length where a stranger may read it',
    async (text, facts, why) => {
      expect(await firstFailed([parseCondition(text)], facts, { showBodies: false })).toBe(`${text}: ${why}`);
    },
  );

  test('a secret is taken out before the value is cut, so that no half of one is left (fault 29)', async () => {
    const hide = (text: string) => text.replaceAll('canary-canary', '[secret]');
    const body = `${'x'.repeat(145)}canary-canary`;
    const reason = await firstFailed([parseCondition('[BODY] == "a"')], { BODY: body }, { hide });
    expect(reason).toBe(`[BODY] == "a": it is "${'x'.repeat(145)}[secr…"`);
  });
});

describe('what is missing', () => {
  test.each<[string, Facts, boolean]>([
    ['[BODY].error == null', json({}), true],
    ['[BODY].error == null', json({ error: null }), true],
    ['[BODY].error == null', json({ error: 'x' }), false],
    ['[BODY].error == null', { BODY: 'no JSON' }, false],
    ['[BODY].error != null', json({}), false],
    ['[BODY].error != null', json({ error: null }), false],
    ['[BODY].error != null', json({ error: 0 }), true],
    ['[BODY].x != 1', json({}), false],
    ['[BODY].x not in [1]', json({}), false],
    ['[BODY].x not contains "a"', json({}), false],
    ['[BODY].x not matches "a"', json({}), false],
    ['[BODY].x not matches "a"', json({ x: null }), false],
  ])('%s with %j holds: %j', async (text, facts, holds) => {
    expect((await failed(text, facts)) === undefined).toBe(holds);
  });

  test.each(['__proto__', 'constructor', 'toString', 'length'])(
    '%s is found only where the JSON itself has it (fault 31)',
    async (name) => {
      expect(await failed(`[BODY].${name} != null`, json({}))).toContain('it is missing');
      expect(await failed(`[BODY].list.${name} != null`, json({ list: [] }))).toContain('it is missing');
      expect(await failed(`[HEADER].${name} != null`, { HEADER: {} })).toContain('it is missing');
      expect(await failed(`[BODY].${name} == 1`, { BODY: `{"${name}": 1}` })).toBeUndefined();
    },
  );
});

describe('hostile answers', () => {
  test('a pattern that backtracks forever elsewhere takes no time (fault 32)', async () => {
    const startedAt = performance.now();
    expect(await failed('[BODY] matches "^(a+)+$"', { BODY: `${'a'.repeat(60_000)}!` })).toContain(
      'it is "aaa',
    );
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test('a pattern of many instructions searches less of a text, so that its time stays bounded (fault 32)', async () => {
    const BODY = `${'-'.repeat(40_000)}${'a'.repeat(480)}`;
    expect(await failed('[BODY] matches "a{100}"', { BODY })).toBeUndefined();
    expect(await failed('[BODY] matches "a{480}"', { BODY })).toContain('it is "---');
  });

  test('JSON nested deeper than 100 is not walked through', async () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    expect(await failed('[BODY][0] == 1', { BODY: deep })).toContain('nested deeper than 100');
    expect(await failed('[BODY].a == "[[["', { BODY: `{"a": "${'['.repeat(500)}"}` })).toContain(
      'it is "[[[',
    );
  });

  test('whatever the facts, judging never throws', async () => {
    const facts = fc.record(
      {
        STATUS: fc.anything(),
        BODY: fc.oneof(fc.json(), fc.string(), fc.anything()),
        HEADER: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.anything()),
        VALUE: fc.anything(),
        DNS_ANSWER: fc.anything(),
        RESPONSE_TIME: fc.anything(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(anyCondition, facts, async (condition, seen) => {
        const whole: Condition = { text: 'it', ...condition };
        const reason = await firstFailed([whole], seen as Facts);
        expect(reason === undefined || reason.startsWith('it: ')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
