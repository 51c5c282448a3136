import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asWritten, placeholders, placeholdersIn } from '../../../shared/health/conditions/condition.ts';
import { firstFailed } from '../../../shared/health/conditions/evaluate.ts';
import { ConditionFault, parseCondition, parseSource } from '../../../shared/health/conditions/parse.ts';
import { printCondition } from '../../../shared/health/conditions/print.ts';
import { checkKinds } from '../../../shared/health/kinds/index.ts';
import { anyCondition } from './conditions-arbitrary.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/conditions.md'), 'utf8');

const faultOf = (text: string): [number, string] => {
  try {
    parseCondition(text);
  } catch (error) {
    if (error instanceof ConditionFault) return [error.column, error.message];
    throw error;
  }
  throw new Error(`${text} was parsed`);
};

describe('a condition', () => {
  test.each([
    [
      '[STATUS] in 200..299',
      { left: { of: 'STATUS', path: [] }, operator: 'in', right: { from: 200, to: 299 } },
    ],
    [
      ' len( [BODY].items )>0 ',
      { left: { len: { of: 'BODY', path: ['items'] } }, operator: '>', right: { literal: 0 } },
    ],
    [
      '[HEADER].Content-Type  not   contains "a\\"\\u0041\\d"',
      {
        left: { of: 'HEADER', path: ['content-type'] },
        operator: 'not contains',
        right: { literal: 'a"A\\d' },
      },
    ],
    [
      "[BODY]['odd key'][0].x in ['a', 1, true, null]",
      {
        left: { of: 'BODY', path: ['odd key', 0, 'x'] },
        operator: 'in',
        right: { list: ['a', 1, true, null] },
      },
    ],
    [
      '[RESPONSE_TIME] < 1.5s',
      { left: { of: 'RESPONSE_TIME', path: [] }, operator: '<', right: { literal: 1500 } },
    ],
  ])('%s is parsed', (text, parsed) => {
    expect(parseCondition(text)).toEqual({ text, ...parsed });
  });

  test('printed and parsed again is the same', () => {
    fc.assert(
      fc.property(anyCondition, (condition) => {
        const text = printCondition(condition);
        expect(parseCondition(text)).toEqual({ text, ...condition });
      }),
      { numRuns: 1000 },
    );
  });

  test('of any text is parsed, or refused with a column inside it', () => {
    const piece = fc.constantFrom(
      '[BODY]',
      '.a',
      '[0]',
      '["',
      '"',
      ' in ',
      '200..',
      '[',
      ']',
      'len(',
      ' == ',
      '1',
      '\\',
      ',',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 8 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseCondition(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ConditionFault);
          const { column } = error as ConditionFault;
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual(text.length + 1);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a fault names the column and says what to write', () => {
  test.each<[string, number, string]>([
    ['', 1, 'Begin with a placeholder such as [STATUS], or with len([BODY].items)'],
    ['200 == [STATUS]', 1, 'Begin with a placeholder such as [STATUS], or with len([BODY].items)'],
    ['[BODI] == 1', 1, `Write one of ${placeholders.map((one) => `[${one}]`).join(', ')}`],
    ['[STATUS] 200', 10, 'Write an operator: ==, !=, <, <=, >, >=, in, not in, contains, matches'],
    ['[STATUS] =', 10, 'Write an operator: ==, !=, <, <=, >, >=, in, not in, contains, matches'],
    ['[STATUS] ==', 12, 'Write a number, a text in quotes, true, false or null after the operator'],
    ['[STATUS] == ok', 13, 'Write a number, a text in quotes, true, false or null after the operator'],
    ['[STATUS] == 200 and [BODY] == 1', 17, 'End here: one condition is one comparison; write a second one'],
    ['[STATUS] == 2xx', 13, 'Put text in quotes; units go only with [RESPONSE_TIME]'],
    ['[STATUS] == 1e999', 13, 'Write a smaller number'],
    ['[STATUS].a == 1', 1, 'Write [STATUS] alone: it has no inside'],
    ['[HEADER] == 1', 1, 'Name one header, such as [HEADER].content-type'],
    ['[BODY]. == 1', 8, 'Write a name after the dot, or ["any name"] instead of it'],
    ['[BODY][x] == 1', 8, 'Write a number or a quoted name, such as [0] or ["a name"]'],
    ['[STATUS] in 200', 13, 'Write a range or a list, such as 200..299 or [200, 204]'],
    ['[STATUS] in 299..200', 13, 'Write a range as 200..299'],
    ['[STATUS] == 200..299', 10, 'Write in or not in before a range or a list'],
    ['[STATUS] in []', 14, 'Write numbers or texts in quotes, such as [200, 204]'],
    ['[BODY] == "open', 11, 'Close the text with "'],
    ['[BODY] < "a"', 10, 'Write a number after <'],
    ['[BODY] matches 5', 16, 'Write a pattern in quotes, such as "^v[0-9]+$"'],
    ['len([BODY]) contains 1', 13, 'Only texts, lists and objects contain something: write =='],
    ['[BODY] == "\u0007"', 12, 'Write control characters as \\u0000'],
    [`[BODY] == "${'x'.repeat(500)}"`, 501, 'Write at most 500 characters'],
    [`[BODY]${'[0]'.repeat(33)} == 1`, 106, 'Go at most 32 steps deep'],
  ])('%s', (text, column, message) => {
    expect(faultOf(text)).toEqual([column, message]);
  });

  test.each(['(?=a)', '(a)\\1', '(', 'a{2000}'])('the pattern %s is none of RE2 (fault 32)', (pattern) => {
    const [column, message] = faultOf(`[BODY] matches "${pattern}"`);
    expect(column).toBe(16);
    expect(message).toMatch(/^Write a pattern that RE2 knows, without look-around and back-references/);
  });

  test.each(['(?:[a-q]|[a-b]){1,900}', '[0-9a-f]{999}[0-9a-f]{999}'])(
    'the pattern %s would take too long: repetitions multiply (fault 32)',
    (pattern) => {
      const [column, message] = faultOf(`[BODY] matches "${pattern}"`);
      expect(column).toBe(16);
      expect(message).toContain('its repetitions make it too large');
    },
  );

  test('secrets and captures are not compared with', () => {
    const [column, message] = faultOf(['[BODY] == "$', '{secret:KEY}"'].join(''));
    expect([column, message]).toEqual([
      12,
      'Compare with a plain value: conditions read no secrets and captures',
    ]);
  });
});

describe('the documentation', () => {
  const blocks = [...document.matchAll(/```condition\n([^`]+)```/g)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );

  test('shows conditions that can be saved', () => {
    expect(blocks.length).toBeGreaterThan(20);
    for (const text of blocks) expect(parseCondition(text).text).toBe(text);
  });

  test.each(Object.entries(checkKinds))('names what checks of the kind %s may speak of', (type, kind) => {
    const rows = [...document.matchAll(/^\| `\[([A-Z_]+)\][^|]*\|[^|]*\|([^|]*)\|$/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual([...placeholders].sort());
    const named = rows.filter(([, , kinds = '']) => kinds.includes(`\`${type}\``)).map(([, name]) => name);
    expect(named.sort()).toEqual([...kind.placeholders].sort());
  });

  test('shows reasons as they are told', async () => {
    const told = [...document.matchAll(/^\| `(\[[^`]+)` \| `([^`]+)` \|$/gm)];
    const facts = [
      { STATUS: 503 },
      { BODY: '{"items":[{"ok":false}]}' },
      { BODY: '{}' },
      { BODY: '{"used":9,"limit":8}' },
      { BODY: 'no' },
    ];
    expect(told).toHaveLength(facts.length);
    for (const [at, [, text = '', reason]] of told.entries()) {
      expect(await firstFailed([parseCondition(text)], facts[at] ?? {})).toBe(reason);
    }
  });
});

describe('what was parsed', () => {
  test('tells what it speaks of', () => {
    const conditions = ['[STATUS] == 1', 'len([BODY].x) > [VALUE].y'].map(parseCondition);
    expect([...placeholdersIn(conditions)].sort()).toEqual(['BODY', 'STATUS', 'VALUE']);
  });

  test('stands as its text again in what people read', () => {
    const config = {
      steps: [{ conditions: [parseCondition('[STATUS] == 1')], capture: { token: parseSource('[BODY].t') } }],
      headers: { text: 'a', of: 'b', left: 'c', path: 'd' },
    };
    expect(asWritten(config)).toEqual({
      steps: [{ conditions: ['[STATUS] == 1'], capture: { token: '[BODY].t' } }],
      headers: { text: 'a', of: 'b', left: 'c', path: 'd' },
    });
  });
});
