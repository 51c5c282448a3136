import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpressionFault, parseExpression } from '../../../shared/alerting/expression.ts';
import { evaluateExpression } from '../../../shared/alerting/expression-value.ts';

const resultOf = (text: string, values: Readonly<Record<string, number | null>> = {}) =>
  evaluateExpression(parseExpression(text).program, values).result;

describe('an expression', () => {
  it.each<[text: string, value: number | boolean | null]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 3 - 2', 5],
    ['64 / 4 / 2', 8],
    ['17 % 5', 2],
    ['2 * 17 % 5', 4],
    ['-3 + 5', 2],
    ['-(3 + 5)', -8],
    ['2 - -3', 5],
    ['- - 4', 4],
    ['1.5e3', 1500],
    ['0.5 * 4', 2],
    ['min(3, 1, 2)', 1],
    ['max(3, 1 + 9, 2)', 10],
    ['abs(3 - 5)', 2],
    ['abs(min(-7, 2)) + 1', 8],
    ['1 + 1 == 2', true],
    ['3 > 2', true],
    ['3 >= 3', true],
    ['2 < 1', false],
    ['2 <= 2', true],
    ['2 != 2', false],
    ['1 > 2 or 2 > 1 and 3 > 4', false],
    ['(2 > 1 or 1 > 2) and 4 > 3', true],
    ['2 > 1 or 1 > 2 and 4 > 5', true],
    ['not 1 > 2 and 1 > 2', false],
    ['not (1 > 2 and 1 > 2)', true],
    ['not not 2 > 1', true],
    ['1/0', null],
    ['5 % 0', null],
    ['1/0 > 5', null],
    ['0/0 == 0/0', null],
  ])('%s is %s', (text, value) => {
    expect(resultOf(text)).toBe(value);
  });

  it.each<[text: string, value: number | boolean | null]>([
    ['a / (a + b) * 100', 20],
    ['a / (a + b) * 100 > 5', true],
    ['a + gone', null],
    ['gone > 0', null],
    ['not gone > 0', null],
    ['max(a, gone)', null],
    ['a > 1 or gone > 1', true],
    ['gone > 1 or a > 1', true],
    ['a > 5 and gone > 1', false],
    ['gone > 1 and a > 5', false],
    ['a > 1 and gone > 1', null],
    ['a > 5 or gone > 1', null],
    ['a / (b - 8)', null],
  ])('%s with a = 2 and b = 8, and no data of gone, is %s', (text, value) => {
    expect(resultOf(text, { a: 2, b: 8, gone: null })).toBe(value);
  });

  it('tells what the last comparison compared', () => {
    const { program } = parseExpression('a * 100 > 5');
    expect(evaluateExpression(program, { a: 0.25 })).toEqual({ result: true, left: 25 });
  });

  it('tells its names, each once, and whether it is a number or true or false', () => {
    expect(parseExpression('errors / (errors + min(good, 1))')).toMatchObject({
      kind: 'number',
      names: ['errors', 'good'],
    });
    expect(parseExpression('a > 1 and not b > 2')).toMatchObject({ kind: 'boolean', names: ['a', 'b'] });
  });

  it('is kept flat, so that an item can hold it however deep it nests', () => {
    expect(parseExpression('(a + 1) * -max(b, 2) > 5').program).toEqual([
      'a',
      1,
      '+',
      'b',
      2,
      'max/2',
      'neg/1',
      '*',
      5,
      '>',
    ]);
  });

  it.each<[text: string, column: number, advice: string]>([
    ['', 1, 'Write a number, the name of a series, or something in ( )'],
    ['a >', 4, 'Write a number, the name of a series, or something in ( )'],
    ['a b', 3, 'Write an operator before this'],
    ['(a', 3, 'Close it with )'],
    ['a)', 2, 'Take away this ), or open it before'],
    ['a > 1 > 0', 7, 'Compare once, and join comparisons with and'],
    ['a > 1 and b', 11, 'Write a comparison after and, such as a > 5: this is a number'],
    ['a or b > 1', 1, 'Write a comparison before or, such as a > 5: this is a number'],
    ['(a > 1) + 2', 1, 'Write a number before +: this is true or false'],
    ['not a', 5, 'Write a comparison after not, such as a > 5: this is a number'],
    ['min(a)', 4, 'Give min( ) 2 to 10 values'],
    ['abs(a, b)', 4, 'Give abs( ) one value'],
    ['min a', 5, 'Open min with ('],
    ['sqrt(a)', 1, 'Write min, max or abs: there is no other function'],
    [
      'a && b',
      3,
      'Write numbers, names of series, + - * / %, > >= < <= == !=, and, or, not, min( ), max( ), abs( )',
    ],
    [
      '5ms > a',
      1,
      'Write numbers, names of series, + - * / %, > >= < <= == !=, and, or, not, min( ), max( ), abs( )',
    ],
    [
      '"a" == 1',
      1,
      'Write numbers, names of series, + - * / %, > >= < <= == !=, and, or, not, min( ), max( ), abs( )',
    ],
    [`${'('.repeat(40)}1${')'.repeat(40)}`, 34, 'Nest at most 32 deep'],
    ['1'.padEnd(501, ' '), 501, 'Write at most 500 characters'],
  ])('%s is refused at column %i', (text, column, advice) => {
    let fault: unknown;
    try {
      parseExpression(text);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(ExpressionFault);
    expect(fault).toMatchObject({ column, message: advice });
  });

  const pieces = [
    'a',
    'b',
    '1',
    '0',
    '2.5',
    '+',
    '-',
    '*',
    '/',
    '%',
    '>',
    '>=',
    '==',
    '!=',
    '(',
    ')',
    ',',
    ' ',
    'and ',
    'or ',
    'not ',
    'min(',
    'max(',
    'abs(',
    '__proto__',
    'constructor',
    '"',
    '\n',
    '$',
    '{',
    'secret:A',
    '🙂',
  ];
  it('that is garbage is refused with its own fault and nothing else, in little time', () => {
    const garbage = fc.oneof(
      fc.string({ maxLength: 600, unit: 'grapheme' }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 200 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        try {
          const { program, names } = parseExpression(text);
          const { result } = evaluateExpression(program, Object.fromEntries(names.map((name) => [name, 1])));
          return result === null || typeof result === 'number' || typeof result === 'boolean';
        } catch (error) {
          return error instanceof ExpressionFault && error.column >= 1;
        }
      }),
      { numRuns: 2000 },
    );
  });

  /** What JavaScript itself makes of the same text is the measure: its operators have the same ranks. */
  it('with numbers gives what arithmetic gives', () => {
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        fc.integer({ min: 0, max: 99 }).map(String),
        fc
          .tuple(tie('expression'), fc.constantFrom('+', '-', '*'), tie('expression'))
          .map((parts) => parts.join(' ')),
        tie('expression').map((inner) => `(${inner})`),
        tie('expression').map((inner) => `- ${inner}`),
      ),
    }));
    fc.assert(
      fc.property(
        expression.filter((text) => text.length <= 500),
        (text) => {
          const expected: unknown = new Function(`return ${text}`)();
          expect(Number(resultOf(text)) + 0).toBe(Number(expected) + 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
