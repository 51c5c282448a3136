import { describe, expect, it } from 'vitest';
import type { SeriesReader } from '../../../shared/alerting/index.ts';
import { judgeScalers } from '../../../shared/scaling/judge.ts';
import { scalerIdOf } from '../../../shared/scaling/kind.ts';
import type { ScalerDefinition } from '../../../shared/scaling/scaler.ts';
import { memoryTable } from '../incidents/memory.ts';

const noon = Date.UTC(2026, 0, 31, 12);
const rule: ScalerDefinition = {
  deploymentId: 'shop',
  name: 'latency',
  isActive: true,
  target: { kind: 'ecs-service', resource: 'web' },
  series: 'check.response_time_ms',
  selector: {},
  aggregate: 'avg',
  windowSeconds: 300,
  scaling: { kind: 'target', target: 200 },
  min: 2,
  max: 10,
  scaleOutCooldownSeconds: 60,
  scaleInCooldownSeconds: 300,
  scaleInProtection: false,
};

/** Answers of a planner whose service has `present` tasks: it reads, and refuses to plan with a sentence of its own. */
const open = async (value: number | undefined, present: number, given: Partial<ScalerDefinition> = {}) => {
  const state = memoryTable(() => noon);
  const id = scalerIdOf(rule);
  await state.put({
    pk: 'SCALERS',
    sk: id,
    v: 1,
    definition: { ...rule, ...given } as never,
    revision: 1,
    managedBy: 'api',
    createdAt: noon,
    updatedAt: noon,
  });
  const asked: unknown[] = [];
  const series: SeriesReader = {
    read: async (queries) =>
      queries.map(() => [
        {
          subject: { key: 'check:1', deploymentId: 'shop', name: 'home', labels: {} },
          points: value === undefined ? [] : [noon - 30_000, noon].map((at) => ({ at, value })),
          intervalSeconds: 30,
          since: 0,
        },
      ]),
  };
  const world = {
    state,
    series,
    bus: { publish: async () => [] },
    clock: () => noon,
    newId: () => 'n1',
    place: { accountId: '000000000000', region: 'us-east-1' },
    onTrouble: (what: string, error: Error) => {
      throw new Error(what, { cause: error });
    },
    planner: {
      invoke: async (message: unknown) => {
        asked.push(message);
        const { kind } = message as { kind: string };
        return kind === 'read'
          ? { image: { desired: present, running: present } }
          : { refused: 'not opted in' };
      },
    },
    workflows: { start: async () => ({ arn: 'arn', isNew: true }) },
  };
  return {
    world,
    asked,
    judge: (at: number) =>
      judgeScalers(world, at, (_, error) => {
        throw error;
      }),
  };
};

describe('each minute a scaling rule', () => {
  it('asks nobody while its series is at the target', async () => {
    const { judge, asked } = await open(205, 4);
    expect(await judge(noon)).toEqual([{ name: 'latency', reason: 'it is at its target' }]);
    expect(asked).toEqual([]);
  });

  it('has a plan made of the count that follows from what there is now', async () => {
    const { judge, asked } = await open(400, 4);
    await judge(noon);
    expect(asked[0]).toEqual({
      kind: 'read',
      request: { deploymentId: 'shop', resource: 'web', kind: 'ecs-scale' },
    });
    expect(asked[1]).toMatchObject({
      kind: 'plan',
      request: {
        workflow: 'scale',
        occasion: { kind: 'scaling', id: scalerIdOf(rule), occurrence: '2026-01-31T12:00:00.000Z' },
        resources: [{ resource: 'web', kind: 'ecs-scale', params: { desired: 8 } }],
        policy: null,
        remedy: { approval: { mode: 'auto' } },
      },
    });
  });

  it('is judged once a minute, however often the tick comes (fault 1)', async () => {
    const { judge } = await open(400, 4);
    await judge(noon);
    expect(await judge(noon)).toMatchObject([{ reason: expect.stringContaining('scaled out 0 s ago') }]);
  });

  it('waits for its cooldown, counted from the minute it decided in', async () => {
    const { judge, asked } = await open(400, 4);
    await judge(noon - 30_000);
    expect(await judge(noon)).toMatchObject([
      { reason: expect.stringContaining('but it scaled out 30 s ago') },
    ]);
    expect(asked.filter((message) => (message as { kind: string }).kind === 'plan')).toHaveLength(1);
  });
});

describe('a schedule', () => {
  const schedule = [{ from: '12:00', until: '13:00', min: 0, max: 0 }];
  const plans = (asked: readonly unknown[]) =>
    asked.filter((message) => (message as { kind: string }).kind === 'plan');

  it('is looked at when its bounds change, though the series says nothing', async () => {
    const { judge, asked } = await open(undefined, 4, { schedule });
    await judge(noon);
    expect(plans(asked)).toMatchObject([{ request: { resources: [{ params: { desired: 0 } }] } }]);
  });

  it('asks nobody again once its bounds were seen to hold', async () => {
    const { judge, asked } = await open(undefined, 0, { schedule });
    await judge(noon);
    await judge(noon + 60_000);
    expect(asked).toEqual([
      { kind: 'read', request: { deploymentId: 'shop', resource: 'web', kind: 'ecs-scale' } },
    ]);
  });
});
