import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deploymentKey } from '../../shared/catalog/deployment.ts';
import { checkKey } from '../../shared/health/check.ts';
import { emptyHead, toHeadItem } from '../../shared/health/head.ts';
import { placeOf, putPlace } from '../../shared/health/place-item.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import type { CheckStatus } from '../../shared/platform/events.ts';
import { readHeal } from '../../shared/remediation/lease.ts';
import type { Plan } from '../../shared/remediation/plan.ts';
import { propose } from '../../shared/remediation/propose.ts';
import { setStop } from '../../shared/remediation/stop-switch.ts';
import { readRemediation } from '../../shared/remediation/store.ts';
import type { Item } from '../../shared/storage/index.ts';
import { checkRecord, stateOf } from '../domain/health/builders.ts';
import { healPlan, shard } from '../domain/remediation/gate-world.ts';
import { healing, recordOf, restart } from '../domain/remediation/plans.ts';
import { type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({
    HOMEOSTAT_ACTION_KINDS: 'process-restart,docker-restart',
    HOMEOSTAT_PROCESSES: '{}',
  });
});
afterAll(() => cloud.close());

/** The only check of the deployment `shop`, of which the process `web` is the only part. */
const stands = async (status: CheckStatus): Promise<void> => {
  const at = systemClock();
  const placedAt = at - 3_600_000;
  const record = checkRecord({ no: 1, shard, placedAt, definition: { name: 'web' } });
  await cloud.state.put({ ...checkKey(record.id), v: 1, ...(record as object) } as Item);
  await putPlace(cloud.telemetry, record.id, placeOf(shard, { no: 1, timeoutSeconds: 5, placedAt }), 1);
  const checks = new Map([[1, stateOf({ at, status, failures: status === 'unhealthy' ? 3 : 0 })]]);
  await cloud.telemetry.put(
    toHeadItem({ ...emptyHead(shard), version: 1, slotAt: at, planVersion: 1, checks }, 'head'),
  );
};

beforeEach(async () => {
  const resources = [{ name: 'web', type: 'process', id: 'web' }];
  const definition = { deploymentId: 'shop', blueprintId: null, environment: 'prod', resources };
  await cloud.state.put({
    ...deploymentKey('shop'),
    v: 1,
    definition,
    revision: 1,
    managedBy: 'api',
    createdAt: 0,
    updatedAt: 0,
  });
  const { id, ...record } = recordOf(healing);
  await cloud.state.put({ pk: 'POLICIES', sk: id, v: 1, ...(record as object) } as Item);
  await setStop(cloud.state, { isOn: false, by: 'admin', reason: '', at: systemClock() });
  await stands('unhealthy');
});

let ids = 0;
const kept = async (occurrence: string): Promise<Plan> => {
  const plan = healPlan('web', { occasion: { ...healPlan().occasion, occurrence } });
  const place = { accountId: '123456789012', region: 'eu-central-1' };
  const newId = () => `test-${ids++}`;
  await propose(
    {
      state: cloud.state,
      bus: { publish: async () => [] },
      clock: systemClock,
      newId,
      place,
      onTrouble: () => {},
    },
    plan,
  );
  return plan;
};
const gate = async (plan: Plan, attempt = 1) => {
  const { handler } = await import('../../functions/remedy-gate/handler.ts');
  return handler(
    { planHash: plan.hash, attempt, execution: 'arn:execution' },
    { awsRequestId: `request-${ids++}` },
  );
};

describe('the step before an attempt is applied', () => {
  it('lets an unhealthy service be healed; delivered twice it counts one attempt', async () => {
    const plan = await kept('1');
    expect(await gate(plan)).toMatchObject({ next: 'apply', waitSeconds: 0 });
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
    const { lease, attempts } = await readHeal(cloud.state, restart('web').resource);
    expect(lease).toMatchObject({ planHash: plan.hash, attempt: 1 });
    expect(attempts).toHaveLength(1);
  });

  it('has another plan for the same resource wait for the lease', async () => {
    const plan = await kept('2');
    const answer = await gate(plan);
    expect(answer).toMatchObject({ next: 'wait' });
    // 60 + 30 + 300 + 30 + 600 seconds, less what the test took since.
    expect(answer.waitSeconds).toBeGreaterThan(900);
    expect(answer.waitSeconds).toBeLessThanOrEqual(1020);
    expect(await readRemediation(cloud.state, plan.hash)).toMatchObject({
      status: 'running',
      holds: [{ brake: 'lease_held' }],
    });
  });

  it('holds what the stop switch stops, and tells the bus', async () => {
    const plan = await kept('3');
    await setStop(cloud.state, { isOn: true, by: 'admin', reason: 'we look', at: systemClock() });
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await readRemediation(cloud.state, plan.hash)).toMatchObject({ status: 'held' });
    expect(cloud.arrived.map(({ type, detail }) => ({ type, detail }))).toContainEqual({
      type: 'remediation.changed',
      detail: expect.objectContaining({ planHash: plan.hash, status: 'held' }),
    });
  });

  it('leaves alone what answers again', async () => {
    const plan = await kept('4');
    await stands('healthy');
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await readRemediation(cloud.state, plan.hash)).toMatchObject({ status: 'not_needed' });
  });

  it('refuses what no state machine of ours gives', async () => {
    const { handler } = await import('../../functions/remedy-gate/handler.ts');
    await expect(handler({ planHash: 'x', attempt: 1, execution: 'arn' })).rejects.toThrow(
      'no hash of a plan',
    );
    await expect(handler({ planHash: 'a'.repeat(64), attempt: 0, execution: 'arn' })).rejects.toThrow(
      'no number of an attempt',
    );
    await expect(handler({ planHash: 'a'.repeat(64), attempt: 1, execution: 'arn' })).rejects.toThrow(
      'There is no such remediation',
    );
  });
});
