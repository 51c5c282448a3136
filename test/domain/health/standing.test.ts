import { describe, expect, test } from 'vitest';
import { standingOf } from '../../../shared/health/standing.ts';
import { noon, stateOf } from './builders.ts';

const check = { isPaused: false, intervalSeconds: 60, placedAt: noon - 3_600_000 };

describe('how a check stands when it is read', () => {
  test.each([
    {
      rule: 'a fresh state is the standing',
      state: stateOf({}),
      later: 209_999,
      status: 'healthy',
      reason: null,
    },
    {
      rule: 'two intervals and ninety seconds are waited for',
      state: stateOf({}),
      later: 210_000,
      status: 'healthy',
      reason: null,
    },
    {
      rule: 'then nothing is known of the present (fault 17)',
      state: stateOf({}),
      later: 210_001,
      status: 'unknown',
      reason: 'no result since 2027-01-15T08:00:00.000Z',
    },
    {
      rule: 'an unhealthy check does not stay unhealthy by silence either',
      state: stateOf({ status: 'unhealthy', reason: 'down' }),
      later: 210_001,
      status: 'unknown',
      reason: 'no result since 2027-01-15T08:00:00.000Z',
    },
    {
      rule: 'an unhealthy check tells why',
      state: stateOf({ status: 'unhealthy', reason: 'down' }),
      later: 0,
      status: 'unhealthy',
      reason: 'down',
    },
  ])('$rule: after $later ms', ({ state, later, status, reason }) => {
    const standing = standingOf(check, state, noon + later);
    expect(standing).toMatchObject({ status, reason, lastCheckedAt: noon });
  });

  test('a check that was just scheduled is not checked yet, later that is said with the instant', () => {
    const fresh = { ...check, placedAt: noon };
    expect(standingOf(fresh, undefined, noon + 210_000).reason).toBe('not checked yet');
    expect(standingOf(fresh, undefined, noon + 210_001)).toEqual({
      status: 'unknown',
      lastCheckedAt: null,
      responseTimeMs: null,
      reason: 'no result since it was scheduled at 2027-01-15T08:00:00.000Z',
      since: null,
    });
  });

  test('a state brought along from another shard counts from the day it was placed here', () => {
    const moved = { ...check, placedAt: noon };
    expect(standingOf(moved, stateOf({ at: noon - 86_400_000 }), noon + 1000).status).toBe('healthy');
  });

  test('a paused check is unknown, paused, whatever it was', () => {
    const paused = standingOf(
      { ...check, isPaused: true },
      stateOf({ status: 'unhealthy', reason: 'down' }),
      noon,
    );
    expect(paused).toMatchObject({ status: 'unknown', reason: 'paused', since: null, responseTimeMs: null });
  });
});
