import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../shared/platform/api/cursor.ts';
import { positionFrom } from '../../../shared/platform/api/fields.ts';
import { DomainError } from '../../../shared/platform/errors.ts';

describe('cursors', () => {
  it('give back the position they were made from, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (position) => {
        expect(decodeCursor(encodeCursor(position))).toBe(position);
        expect(encodeCursor(position)).toMatch(/^[A-Za-z0-9_-]+$/);
      }),
    );
  });

  it('anything that was not made here is refused, never thrown on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const position = decodeCursor(text);
        if (position !== undefined) expect(encodeCursor(position)).toBe(text);
      }),
    );
  });

  it.each([
    ['of another version', Buffer.from('2\nabc').toString('base64url')],
    ['in another coding', Buffer.from('1\nabc??>').toString('base64')],
    ['without a position', Buffer.from('1\n').toString('base64url')],
    ['empty', ''],
    ['plain', 'abc'],
  ])('a cursor %s answers MALFORMED_REQUEST', (_, cursor) => {
    const refused = (): unknown => {
      try {
        return positionFrom(cursor, () => true);
      } catch (error) {
        return error instanceof DomainError ? error.code : error;
      }
    };
    expect(refused()).toBe('MALFORMED_REQUEST');
  });
});
