import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCursor, toCursor } from '../../../shared/changes/cursor.ts';
import { type Topic, topics } from '../../../shared/changes/topics.ts';
import { encodeCursor } from '../../../shared/platform/api/cursor.ts';

const mark = fc.stringMatching(/^[0-9a-f]{8}$/);
const known = fc.record({
  at: fc.integer({ min: 0, max: 9_999_999_999_999 }),
  topics: fc
    .dictionary(fc.constantFrom(...topics), mark)
    .map((some) => new Map(Object.entries(some) as [Topic, string][])),
  marks: fc.stringMatching(/^([0-9a-z]{4}){0,256}$/),
});

describe('the cursor of changes', () => {
  it('gives back what was known, and stays below 2 KB with any number of shards', () => {
    fc.assert(
      fc.property(known, (given) => {
        const cursor = toCursor(given);
        expect(cursor.length).toBeLessThan(2048);
        expect(fromCursor(cursor)).toEqual(given);
      }),
    );
  });

  it.each([
    ['', 'empty'],
    ['abc', 'plain'],
    [encodeCursor('changes 1 2'), 'with too little in it'],
    [encodeCursor(`changes 1 ${'-'.repeat(8 * 13)} `), 'of another number of topics'],
    [encodeCursor('00000000000000aa'), 'of another listing'],
  ])('%j is none: it is %s', (cursor) => {
    expect(fromCursor(cursor)).toBeUndefined();
  });
});
