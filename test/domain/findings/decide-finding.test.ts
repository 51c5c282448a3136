import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextFinding, resolved } from '../../../shared/findings/decide-finding.ts';
import type { Finding, Found } from '../../../shared/findings/index.ts';

const found = (over: Partial<Found>): Found => ({
  source: 'guard',
  kind: 'drift',
  deploymentId: 'shop',
  resource: 'web',
  state: 'open',
  severity: 'error',
  title: 'port 22 is open',
  reason: 'not as declared',
  tags: {},
  details: {},
  at: 0,
  ...over,
});

/** What each told finding did, and how it stands in the end. */
const standingAfter = (told: readonly Partial<Found>[]) => {
  let finding: Finding | undefined;
  const outcomes = told.map((over) => {
    const decided = nextFinding(finding, found(over));
    if (decided.isWritten) finding = decided.finding;
    return decided.outcome;
  });
  return { outcomes, finding };
};

describe('a finding', () => {
  it.each<readonly [string, readonly Partial<Found>[], readonly string[], Partial<Finding> | undefined]>([
    [
      'opens once',
      [{ at: 1 }, { at: 2 }],
      ['opened', 'unchanged'],
      { occurrence: 1, openedAt: 1, updatedAt: 1, revision: 1 },
    ],
    [
      'is resolved, and keeps what was found',
      [{ at: 1 }, { at: 5, state: 'resolved', reason: 'closed again' }],
      ['opened', 'resolved'],
      {
        state: 'resolved',
        title: 'port 22 is open',
        reason: 'closed again',
        openedAt: 1,
        resolvedAt: 5,
        revision: 2,
      },
    ],
    [
      'is another occurrence when it opens again',
      [{ at: 1 }, { at: 5, state: 'resolved' }, { at: 9 }],
      ['opened', 'resolved', 'reopened'],
      { state: 'open', occurrence: 9, openedAt: 9, revision: 3 },
    ],
    [
      'goes on being the same one when it becomes worse',
      [{ at: 1 }, { at: 5, severity: 'critical' }],
      ['opened', 'updated'],
      { severity: 'critical', occurrence: 1, openedAt: 1, updatedAt: 5, revision: 2 },
    ],
    [
      'that is resolved twice is so once',
      [{ at: 1 }, { at: 5, state: 'resolved' }, { at: 6, state: 'resolved' }],
      ['opened', 'resolved', 'unchanged'],
      { resolvedAt: 5, revision: 2 },
    ],
    [
      'is not opened by what was seen before it was resolved',
      [{ at: 1 }, { at: 5, state: 'resolved' }, { at: 4 }],
      ['opened', 'resolved', 'unchanged'],
      { state: 'resolved' },
    ],
    [
      'is not resolved by what was seen before it opened again',
      [{ at: 1 }, { at: 5, state: 'resolved' }, { at: 9 }, { at: 8, state: 'resolved' }],
      ['opened', 'resolved', 'reopened', 'unchanged'],
      { state: 'open', occurrence: 9 },
    ],
    ['nobody knows of is nothing to resolve', [{ at: 1, state: 'resolved' }], ['unchanged'], undefined],
  ])('%s', (_, told, outcomes, finding) => {
    const end = standingAfter(told);
    expect(end.outcomes).toEqual(outcomes);
    if (finding === undefined) expect(end.finding).toBeUndefined();
    else expect(end.finding).toMatchObject(finding);
  });

  it('whatever is told again in its order changes nothing, and each opening is a later occurrence', () => {
    const told = fc.array(
      fc.record({
        state: fc.constantFrom('open' as const, 'resolved' as const),
        at: fc.nat(20),
        isTwice: fc.boolean(),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(told, (all) => {
        const twice = all.flatMap((one) => (one.isTwice ? [one, one] : [one]));
        expect(standingAfter(twice).finding).toEqual(standingAfter(all).finding);
        const occurrences = all.map((_, at) => standingAfter(all.slice(0, at + 1)).finding?.occurrence ?? -1);
        const { outcomes } = standingAfter(all);
        const grown = occurrences.map((occurrence, at) => occurrence > (occurrences[at - 1] ?? -1));
        expect(grown).toEqual(outcomes.map((outcome) => outcome === 'opened' || outcome === 'reopened'));
      }),
    );
  });
});

describe('one occurrence of a finding that was put right', () => {
  const open = nextFinding(undefined, found({ at: 5 })).finding;
  const right = { occurrence: 5, reason: 'verified', at: 9 };
  it.each<readonly [string, Finding, Partial<typeof right>, string]>([
    ['is resolved', open, {}, 'resolved'],
    ['stays resolved', { ...open, state: 'resolved', resolvedAt: 6, updatedAt: 6 }, {}, 'unchanged'],
    ['says nothing of a later occurrence', { ...open, occurrence: 7, updatedAt: 7 }, {}, 'unchanged'],
    ['says nothing of what was found wrong since', { ...open, updatedAt: 10 }, {}, 'unchanged'],
  ])('%s', (_, previous, over, outcome) => {
    const decided = resolved(previous, { ...right, ...over });
    expect(decided).toMatchObject({ outcome, isWritten: outcome === 'resolved' });
    if (outcome === 'resolved')
      expect(decided.finding).toMatchObject({
        state: 'resolved',
        reason: 'verified',
        title: 'port 22 is open',
        resolvedAt: 9,
      });
    else expect(decided.finding).toBe(previous);
  });
});
