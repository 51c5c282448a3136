import { describe, expect, test } from 'vitest';
import { timeline } from './timeline.ts';

describe('a threshold of k among the last n results (3 of 5 here)', () => {
  const entry = { failureThreshold: 3, failureWindow: 5 };
  test.each([
    { rule: 'three in a row are enough', line: 'U D D D', statuses: 'up up up down' },
    { rule: 'and so are three with successes between', line: 'U D U D U D', statuses: 'up up up up up down' },
    {
      rule: 'a failure that left the window does not count',
      line: 'U D U U D U D',
      statuses: 'up up up up up up up',
    },
    {
      rule: 'unknown takes no place in the window',
      line: 'U D ? ? ? D U D',
      statuses: 'up up ? ? ? ? up down',
    },
    {
      rule: 'after a recovery the failures before it do not count again',
      line: 'U D D D U U D D D',
      statuses: 'up up up down down up up up down',
    },
  ])('$rule: $line', ({ line, statuses }) => {
    expect(timeline(line, { entry }).statuses).toBe(statuses);
  });
});

describe('a slow check is degraded after three slow answers in a row, healthy after two quick ones', () => {
  test.each([
    { rule: 'a single slow answer flips nothing', line: 'U S U S S U', statuses: 'up up up up up up' },
    {
      rule: 'the third in a row does, once',
      line: 'U S S S S',
      statuses: 'up up up slow slow',
      changes: ['?>up', 'up>slow'],
    },
    {
      rule: 'one quick answer is not enough to come back, two are',
      line: 'U S S S U S U U',
      statuses: 'up up up slow slow slow slow up',
      changes: ['?>up', 'up>slow', 'slow>up'],
    },
    { rule: 'a failure breaks the row', line: 'U S S D S S', statuses: 'up up up up up up' },
    { rule: 'the first answer ever is told as it is', line: 'S S U U', statuses: 'slow slow slow up' },
    {
      rule: 'three failures are worse than slow',
      line: 'U S S S D D D',
      statuses: 'up up up slow slow slow down',
    },
    {
      rule: 'an outage that ends in slow answers alone ends degraded',
      line: 'D D D S S',
      statuses: '? ? down down slow',
      changes: ['?>down', 'down>slow'],
    },
    {
      rule: 'one that ends with a quick one among them ends healthy',
      line: 'D D D S U',
      statuses: '? ? down down up',
    },
    { rule: 'unknown between counts neither way', line: 'U S S ? S', statuses: 'up up up ? slow' },
    { rule: 'known degraded before, it is so again at once', line: 'S ? U U', statuses: 'slow ? slow up' },
  ])('$rule: $line', ({ line, statuses, changes }) => {
    const told = timeline(line);
    expect(told.statuses).toBe(statuses);
    if (changes) expect(told.changes).toEqual(changes);
  });

  test('among the last n results it counts likewise', () => {
    const entry = { failureThreshold: 3, failureWindow: 5 };
    expect(timeline('U S U S U S U U', { entry }).statuses).toBe('up up up up up slow slow up');
    expect(timeline('U S U U S U S', { entry }).statuses).toBe('up up up up up up up');
  });

  test('a degraded check always says why', () => {
    expect(timeline('U S S S').state?.reason).toBe('answered in 900 ms, degraded above 500 ms');
    expect(timeline('U S S S U').state?.reason).toBe('it answers in time again, 1 of 2 times in a row');
  });
});

describe('counting', () => {
  test('every folded result is a look; only failures are failed looks, unknown is not', () => {
    expect(timeline('U D ? D S . B U').state).toMatchObject({ looks: 7, failedLooks: 2 });
  });

  test('a changed definition starts the thresholds anew, not the looks', () => {
    const { head } = timeline('U D D');
    const state = head.checks.get(1);
    if (!state) throw new Error('nothing was folded');
    const start = { ...head, checks: new Map([[1, { ...state, rev: 0 }]]) };
    const next = timeline('. . . D', { start }).state;
    expect(next).toMatchObject({ status: 'healthy', failures: 1, outcomes: 0b11, looks: 4, failedLooks: 3 });
  });
});
