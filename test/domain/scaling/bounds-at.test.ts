import { describe, expect, it } from 'vitest';
import { boundsAt } from '../../../shared/scaling/bounds-at.ts';
import { dryRun } from '../../../shared/scaling/dry-run.ts';
import type { ScalerDefinition } from '../../../shared/scaling/scaler.ts';

const rule: ScalerDefinition = {
  deploymentId: 'shop',
  name: 'by the clock',
  isActive: true,
  target: { kind: 'ecs-service', resource: 'web' },
  series: 'check.response_time_ms',
  selector: {},
  aggregate: 'avg',
  windowSeconds: 300,
  scaling: { kind: 'target', target: 200 },
  min: 2,
  max: 10,
  schedule: [
    { from: '20:00', until: '07:00', timeZone: 'Europe/Berlin', min: 0, max: 0 },
    { weekdays: ['sat', 'sun'], from: '07:00', until: '20:00', timeZone: 'Europe/Berlin', max: 3 },
  ],
  scaleOutCooldownSeconds: 60,
  scaleInCooldownSeconds: 300,
  scaleInProtection: false,
};

// 2026-01-30 is a Friday; Berlin is an hour ahead of UTC in January and two in July.
describe('bounds by the clock on the wall', () => {
  it.each([
    ['on a Friday noon', '2026-01-30T12:00:00Z', 2, 10],
    ['right before the night', '2026-01-30T18:59:00Z', 2, 10],
    ['as the night begins', '2026-01-30T19:00:00Z', 0, 0],
    ['after midnight', '2026-01-31T00:30:00Z', 0, 0],
    ['right before its end', '2026-01-31T05:59:00Z', 0, 0],
    ['on a Saturday', '2026-01-31T06:00:00Z', 2, 3],
    ['on a Monday morning', '2026-02-02T06:00:00Z', 2, 10],
    ['as the night begins in summer', '2026-07-03T18:00:00Z', 0, 0],
  ])('%s', (_, at, min, max) => {
    expect(boundsAt(rule, Date.parse(at))).toMatchObject({ min, max });
  });

  it('are followed at once, without a point and whatever the cooldown says', () => {
    const minutes = ['18:59', '19:00', '19:01'].map((time) => Date.parse(`2026-01-30T${time}:00Z`));
    const run = dryRun(
      rule,
      minutes.map((at) => ({ at, value: undefined })),
      4,
    );
    expect(run.map(({ desired }) => desired)).toEqual([4, 0, 0]);
    const morning = [Date.parse('2026-02-02T06:00:00Z')];
    expect(
      dryRun(
        rule,
        morning.map((at) => ({ at, value: undefined })),
        0,
      ),
    ).toMatchObject([{ desired: 2, reason: 'there are 0, fewer than the least of 2' }]);
  });
});
