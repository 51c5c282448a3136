import { describe, expect, it } from 'vitest';
import { wholeOf } from '../../../shared/deployments/status-decide.ts';
import type { CheckStatus } from '../../../shared/platform/events.ts';

const part = (name: string, status: CheckStatus, isPaused = false) => ({ name, status, isPaused });

describe('the status of a deployment is its worst check that is known', () => {
  it.each([
    { parts: [], status: 'unknown', reason: 'it has no check that runs' },
    {
      parts: [part('a', 'healthy'), part('b', 'healthy')],
      status: 'healthy',
      reason: 'all of its 2 checks are healthy',
    },
    {
      parts: [part('a', 'healthy'), part('slow', 'degraded')],
      status: 'degraded',
      reason: '1 of 2 checks is degraded: slow',
    },
    {
      parts: [part('a', 'degraded'), part('down', 'unhealthy'), part('c', 'unknown')],
      status: 'unhealthy',
      reason: '1 of 3 checks is unhealthy: down',
    },
    {
      parts: ['e', 'b', 'd', 'a', 'c'].map((name) => part(name, 'unhealthy')),
      status: 'unhealthy',
      reason: '5 of 5 checks are unhealthy: a, b, c and 2 more',
    },
    {
      parts: [part('a', 'healthy'), part('new', 'unknown')],
      status: 'healthy',
      reason: '1 of 2 checks is healthy, and of 1 nothing is known',
    },
    { parts: [part('new', 'unknown')], status: 'unknown', reason: 'nothing is known of its check' },
    {
      parts: [part('a', 'unknown'), part('b', 'unknown')],
      status: 'unknown',
      reason: 'nothing is known of its 2 checks',
    },
    {
      parts: [part('a', 'healthy'), part('down', 'unhealthy', true)],
      status: 'healthy',
      reason: 'its check is healthy',
    },
    { parts: [part('a', 'unknown', true)], status: 'unknown', reason: 'it has no check that runs' },
  ] as const)('$parts: $status', ({ parts, status, reason }) => {
    expect(wholeOf(parts)).toMatchObject({ status, reason });
  });

  it('counts what is not paused', () => {
    const parts = [part('a', 'healthy'), part('b', 'unknown'), part('c', 'unhealthy', true)];
    expect(wholeOf(parts).counts).toEqual({ total: 2, healthy: 1, degraded: 0, unhealthy: 0, unknown: 1 });
  });
});
