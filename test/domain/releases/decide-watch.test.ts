import { describe, expect, it } from 'vitest';
import { decideWatch, type Watched, type WatchFacts } from '../../../shared/releases/decide-watch.ts';

const finishedAt = Date.UTC(2026, 0, 31, 12);
const check = (written: Partial<Watched> = {}): Watched => ({
  name: 'home page',
  status: 'healthy',
  looks: 20,
  failed: 0,
  expected: 20,
  wasUnhealthy: false,
  ...written,
});
const decide = (written: Partial<WatchFacts> = {}) =>
  decideWatch({
    windowSeconds: 600,
    maxBurnRate: 14.4,
    sloTargetPercent: 99.9,
    finishedAt,
    now: finishedAt + 300_000,
    checks: [check()],
    isBlind: false,
    ...written,
  });
const atTheEnd = finishedAt + 600_000;

describe('a release is', () => {
  it.each<[string, Partial<WatchFacts>, string]>([
    ['watched while nothing speaks against it', {}, 'watching'],
    ['confirmed when its window ends well', { now: atTheEnd }, 'confirmed'],
    ['failed as soon as a check is unhealthy', { checks: [check({ status: 'unhealthy' })] }, 'failed'],
    [
      'not failed by a check that was unhealthy before it',
      { checks: [check({ status: 'unhealthy', wasUnhealthy: true }), check()] },
      'watching',
    ],
    ['watched while a check is unknown', { checks: [check({ status: 'unknown' })] }, 'watching'],
    [
      'a matter for people when a check is unknown at the end',
      { now: atTheEnd, checks: [check({ status: 'unknown' })] },
      'unknown',
    ],
    [
      'a matter for people when half of the window was not seen',
      { now: atTheEnd, checks: [check({ looks: 9 })] },
      'unknown',
    ],
    ['a matter for people when no check can tell', { checks: [] }, 'unknown'],
    [
      'watched on while Homeostat is blind (fault 14)',
      { isBlind: true, checks: [check({ status: 'unhealthy' })] },
      'watching',
    ],
    ['a matter for people when Homeostat is blind at the end', { isBlind: true, now: atTheEnd }, 'unknown'],
    ['not failed by a single failed look', { checks: [check({ looks: 1, failed: 1 })] }, 'watching'],
  ])('%s', (_, facts, verdict) => {
    expect(decide(facts).verdict).toBe(verdict);
  });

  // Burn rate = error rate ÷ (1 − SLO), Google SRE Workbook chapter 5: 1.44 % of errors at 99.9 % are 14.4.
  it.each([
    [1000, 14, 14, 'watching'],
    [1000, 15, 15, 'failed'],
    [100, 2, 20, 'failed'],
  ])(
    'of %s looks %s failed: the budget burns %s times as fast, so it is %s',
    (looks, failed, burnRate, verdict) => {
      const decided = decide({ checks: [check({ looks, failed, expected: looks })] });
      expect(decided.verdict).toBe(verdict);
      expect(decided.burnRate).toBeCloseTo(burnRate, 9);
    },
  );

  it('with a target of 100 % no failure is allowed', () => {
    expect(decide({ sloTargetPercent: 100, checks: [check({ failed: 1 })] }).verdict).toBe('failed');
    expect(decide({ sloTargetPercent: 100 }).verdict).toBe('watching');
  });
});
