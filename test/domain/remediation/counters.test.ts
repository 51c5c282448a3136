import { describe, expect, it } from 'vitest';
import { count, durationBounds, remediationCounters } from '../../../shared/remediation/counters.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import type { Remediation } from '../../../shared/remediation/remediation.ts';
import { noon, openSmallWorld, planOf, second } from './small-world.ts';

const over = (
  status: Remediation['status'],
  seconds: number,
  given: Partial<Plan> & { readonly services?: readonly string[] } = {},
): Remediation => ({
  plan: planOf(given),
  status,
  reason: '',
  approvals: [],
  attempt: 1,
  actions: [],
  holds: [],
  startedAt: noon,
  updatedAt: noon,
  endedAt: noon + seconds * second,
  revision: 1,
  outbox: [],
});

const drift = (occurrence: string): Partial<Plan> => ({
  workflow: 'drift',
  occasion: { ...planOf().occasion, kind: 'drift', occurrence },
});

describe('what /metrics tells of remediations', () => {
  it('is nothing before the first one', async () => {
    const { state } = openSmallWorld();
    expect(await remediationCounters(state)).toEqual({
      remediations: [],
      driftRemediations: [],
      durations: [],
    });
  });

  it('counts by action and outcome, drift apart, and how long each took', async () => {
    const { world, state } = openSmallWorld();
    await count(world, over('succeeded', 45));
    await count(world, over('failed', 700, { services: ['web', 'api'] }));
    await count(world, over('succeeded', 5, drift('1')));
    await count(world, over('superseded', 5, drift('2')));
    const counters = await remediationCounters(state);
    expect(counters.remediations).toEqual([
      { action: 'ecs-scale', outcome: 'succeeded', count: 2 },
      { action: 'ecs-scale', outcome: 'failed', count: 1 },
      { action: 'ecs-scale', outcome: 'superseded', count: 1 },
    ]);
    expect(counters.driftRemediations).toEqual([
      { outcome: 'succeeded', count: 1 },
      { outcome: 'superseded', count: 1 },
    ]);
    expect(durationBounds).toEqual([10, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400]);
    expect(counters.durations).toEqual([
      { workflow: 'heal', count: 2, sumSeconds: 745, buckets: [0, 0, 1, 1, 1, 1, 2, 2, 2, 2] },
      { workflow: 'drift', count: 2, sumSeconds: 10, buckets: [2, 2, 2, 2, 2, 2, 2, 2, 2, 2] },
    ]);
  });

  it('counts each once, however often it is told and by however many at once (fault 1)', async () => {
    const { world, state } = openSmallWorld();
    const all = Array.from({ length: 10 }, (_, at) => over('succeeded', 1, drift(String(at))));
    await Promise.all([...all, ...all].map((one) => count(world, one)));
    expect((await remediationCounters(state)).driftRemediations).toEqual([
      { outcome: 'succeeded', count: 10 },
    ]);
  });
});
