import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { sizeFor, sizeParams } from '../../../../shared/remediation/actions/sizing.ts';

const group = { min: 1, max: 4, of: 'the group' };
const open = { min: 0, max: Number.POSITIVE_INFINITY, of: 'the deployment' };

describe('a new size', () => {
  test.each([
    { current: 2, wanted: { desired: 3 }, bounds: group, answer: { size: 3 } },
    { current: 2, wanted: { desired: 2 }, bounds: group, answer: { unchanged: 'it has 2 already' } },
    {
      current: 2,
      wanted: { desired: 5 },
      bounds: group,
      answer: { refused: '5 is outside of what the group allows: 1 to 4' },
    },
    {
      current: 2,
      wanted: { desired: 0 },
      bounds: group,
      answer: { refused: '0 is outside of what the group allows: 1 to 4' },
    },
    {
      current: 2,
      wanted: { desired: 5, maxScale: 2 },
      bounds: open,
      answer: { refused: '5 is more than 2 times the 2 of now' },
    },
    { current: 9, wanted: { desired: 3, maxScale: 2 }, bounds: open, answer: { size: 3 } },
    { current: 2, wanted: { by: 1 }, bounds: group, answer: { size: 3 } },
    { current: 2, wanted: { by: -1 }, bounds: group, answer: { size: 1 } },
    { current: 3, wanted: { by: 5 }, bounds: group, answer: { size: 4 } },
    {
      current: 4,
      wanted: { by: 1 },
      bounds: group,
      answer: { refused: 'it is at the maximum of the group already: 4' },
    },
    {
      current: 1,
      wanted: { by: -1 },
      bounds: group,
      answer: { refused: 'it is at the minimum of the group already: 1' },
    },
    { current: 2, wanted: { factor: 1.5 }, bounds: group, answer: { size: 3 } },
    { current: 3, wanted: { factor: 0.5 }, bounds: group, answer: { size: 2 } },
    { current: 10, wanted: { factor: 3, maxScale: 2 }, bounds: open, answer: { size: 20 } },
    { current: 10, wanted: { maxScale: 2 }, bounds: open, answer: { size: 15 } },
    { current: 10, wanted: { maxScale: 1.2 }, bounds: open, answer: { size: 12 } },
    {
      current: 10,
      wanted: { maxScale: 1 },
      bounds: open,
      answer: { refused: '1 times the 10 of now is no more than now' },
    },
  ])('$wanted of $current is $answer', ({ current, wanted, bounds, answer }) => {
    expect(sizeFor(current, wanted, bounds)).toEqual(answer);
  });

  test.each([
    { params: { desired: 2 }, isValid: true },
    { params: { maxScale: 2 }, isValid: true },
    { params: { factor: 2, maxScale: 3 }, isValid: true },
    { params: {}, isValid: false },
    { params: { desired: 2, by: 1 }, isValid: false },
    { params: { desired: -1 }, isValid: false },
    { params: { factor: 0 }, isValid: false },
    { params: { replicas: 2 }, isValid: false },
  ])('asked for with $params: $isValid', ({ params, isValid }) => {
    expect(sizeParams(z).safeParse(params).success).toBe(isValid);
  });
});
