import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideScaling, type ScalingInput } from '../../../shared/scaling/decide-scaling.ts';
import { dryRun } from '../../../shared/scaling/dry-run.ts';
import type { ScalerDefinition } from '../../../shared/scaling/scaler.ts';

const noon = Date.UTC(2026, 0, 31, 12);
const ruleOf = (written: Partial<ScalerDefinition> = {}): ScalerDefinition => ({
  deploymentId: 'shop',
  name: 'latency',
  isActive: true,
  target: { kind: 'ecs-service', resource: 'web' },
  series: 'check.response_time_ms',
  selector: {},
  aggregate: 'p95',
  windowSeconds: 300,
  scaling: { kind: 'target', target: 200 },
  min: 2,
  max: 10,
  scaleOutCooldownSeconds: 60,
  scaleInCooldownSeconds: 300,
  scaleInProtection: false,
  ...written,
});
const decide = (rule: ScalerDefinition, input: Partial<ScalingInput>) =>
  decideScaling(rule, { value: 200, present: 4, state: {}, now: noon, ...input });

describe('target tracking', () => {
  // From the documented formula of the HorizontalPodAutoscaler: desired = ceil(current × value ÷ target).
  it.each([
    [400, 4, 8, 'out'],
    [300, 4, 6, 'out'],
    [230, 4, 5, 'out'],
    [219, 4, 4, 'none'],
    [181, 4, 4, 'none'],
    [150, 4, 3, 'in'],
    [100, 4, 2, 'in'],
    [10, 4, 2, 'in'],
    [2000, 4, 10, 'out'],
  ] as const)('at %s ms with %s there are %s wanted', (value, present, desired, change) => {
    expect(decide(ruleOf(), { value, present })).toMatchObject({ desired, change });
  });
});

describe('steps', () => {
  const steps = ruleOf({
    min: 1,
    max: 20,
    scaling: {
      kind: 'steps',
      steps: [
        { to: 50, change: -1, unit: 'count' },
        { from: 200, to: 400, change: 2, unit: 'count' },
        { from: 400, to: 800, change: 50, unit: 'percent' },
        { from: 800, change: 20, unit: 'exact' },
      ],
    },
  });
  it.each([
    [49, 4, 3],
    [50, 4, 4],
    [199, 4, 4],
    [200, 4, 6],
    [400, 4, 6],
    [400, 1, 2],
    [800, 4, 20],
  ])('at %s with %s there are %s wanted', (value, present, desired) => {
    expect(decide(steps, { value, present }).desired).toBe(desired);
  });
});

describe('a scaling waits', () => {
  it.each([
    ['out again after 59 s', { value: 400, state: { scaledOutAt: noon - 59_000 } }, 'none'],
    ['out again after 60 s', { value: 400, state: { scaledOutAt: noon - 60_000 } }, 'out'],
    ['out at once after an in', { value: 400, state: { scaledInAt: noon - 1_000 } }, 'out'],
    ['in 299 s after an out', { value: 50, state: { scaledOutAt: noon - 299_000 } }, 'none'],
    ['in 300 s after an out', { value: 50, state: { scaledOutAt: noon - 300_000 } }, 'in'],
    ['in 299 s after an in', { value: 50, state: { scaledInAt: noon - 299_000 } }, 'none'],
  ] as const)('%s', (_, input, change) => {
    expect(decide(ruleOf(), input).change).toBe(change);
  });
});

describe('whatever a rule says', () => {
  it('a window without a point changes nothing', () => {
    expect(decide(ruleOf(), { value: undefined })).toEqual({
      change: 'none',
      desired: 4,
      reason: 'the window holds no point, which says nothing',
    });
  });
  it('fewer than the least are brought up to it, also while nothing is known', () => {
    expect(decide(ruleOf(), { value: undefined, present: 1 })).toMatchObject({ change: 'out', desired: 2 });
  });
  it('with scaling in switched off nothing is ever taken away', () => {
    const rule = ruleOf({ scaleInProtection: true });
    expect(decide(rule, { value: 1 })).toMatchObject({ change: 'none', desired: 4 });
    expect(decide(rule, { value: 1, present: 12 })).toMatchObject({ change: 'none', desired: 12 });
  });
  it('what is wanted lies between the least and the most, and never nearer to trouble than now', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.integer({ min: 2, max: 10 }),
        fc.double({ min: 0.1, max: 1e4, noNaN: true }),
        (value, present, target) => {
          const { desired, change } = decide(ruleOf({ scaling: { kind: 'target', target } }), {
            value,
            present,
          });
          expect(desired).toBeGreaterThanOrEqual(2);
          expect(desired).toBeLessThanOrEqual(10);
          if (value > target) expect(change).not.toBe('in');
          if (value < target) expect(change).not.toBe('out');
        },
      ),
    );
  });
});

it('a dry run shows what would have been done, minute by minute', () => {
  const minute = 60_000;
  const values = [200, 400, 400, undefined, 60, 60, 60, 60, 60, 60, 60].map((value, no) => ({
    at: noon + no * minute,
    value,
  }));
  const run = dryRun(ruleOf({ max: 12 }), values, 4);
  expect(run.map(({ desired }) => desired)).toEqual([4, 8, 12, 12, 12, 12, 12, 4, 4, 4, 4]);
  expect(run[1]?.reason).toBe('p95 of check.response_time_ms is 400, target 200: from 4 to 8');
});
