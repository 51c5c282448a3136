import fc from 'fast-check';
import type { Condition, Literal, Operand, Path } from '../../../shared/health/conditions/condition.ts';

const number = fc
  .oneof(
    fc.integer(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 })
      .map((one) => Number(one.toPrecision(8))),
  )
  .map((one) => one + 0);

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('a"b', "it's", '\\d', 'a\\', '\n', 'ok', '12'),
);
const literal: fc.Arbitrary<Literal> = fc.oneof(number, text, fc.boolean(), fc.constant(null));

const name = fc.oneof(text, fc.constantFrom('items', 'ok', 'content-type', '__proto__', 'größe', '$id'));
const path: fc.Arbitrary<Path> = fc.oneof(
  fc.record({
    of: fc.constantFrom('BODY' as const, 'VALUE' as const, 'DNS_ANSWER' as const),
    path: fc.array(fc.oneof(name, fc.nat({ max: 99 })), { maxLength: 4 }),
  }),
  fc.record({
    of: fc.constant('HEADER' as const),
    path: fc.constantFrom('content-type', 'x y', 'etag').map((one) => [one]),
  }),
  fc.record({ of: fc.constantFrom('STATUS' as const, 'RESPONSE_TIME' as const), path: fc.constant([]) }),
);

const side: fc.Arbitrary<Operand> = fc.oneof(
  path,
  path.map((len) => ({ len })),
);
const range = fc
  .tuple(number, number)
  .map(([one, other]) => ({ from: Math.min(one, other), to: Math.max(one, other) }));
const list = fc.array(literal, { minLength: 1, maxLength: 4 }).map((all) => ({ list: all }));

/** Any condition that may be saved. */
export const anyCondition: fc.Arbitrary<Omit<Condition, 'text'>> = fc.oneof(
  fc.record({
    left: side,
    operator: fc.constantFrom('==' as const, '!=' as const),
    right: fc.oneof(
      side,
      literal.map((one) => ({ literal: one })),
    ),
  }),
  fc.record({
    left: side,
    operator: fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const),
    right: fc.oneof(
      side,
      number.map((one) => ({ literal: one })),
    ),
  }),
  fc.record({
    left: side,
    operator: fc.constantFrom('in' as const, 'not in' as const),
    right: fc.oneof(range, list),
  }),
  fc.record({
    left: path,
    operator: fc.constantFrom('contains' as const, 'not contains' as const),
    right: fc.oneof(text, number, fc.boolean()).map((one) => ({ literal: one })),
  }),
  fc.record({
    left: path,
    operator: fc.constantFrom('matches' as const, 'not matches' as const),
    right: fc.constantFrom('^v\\d+$', '(?i)ok', '[a-z]+', '"', '\\\\').map((one) => ({ literal: one })),
  }),
);
