import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { registerDeployment } from '../../shared/catalog/index.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { randomId } from '../../shared/platform/ids.ts';
import {
  defaultRemedy,
  type Plan,
  type PlanRequest,
  propose,
  type Remediation,
  readLog,
  readRemediation,
  setStop,
} from '../../shared/remediation/index.ts';
import { type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud;
let folder: string;
let tally: string;

/** A restart is a line in a file; `broken` leaves one and fails. */
const restartBy = (code: string): readonly string[] => [
  process.execPath,
  '-e',
  `require('node:fs').appendFileSync(${JSON.stringify(tally)}, 'restarted\\n');${code}`,
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'homeostat-remediation-'));
  tally = join(folder, 'tally');
  cloud = await startCloud({
    HOMEOSTAT_ACTION_KINDS: 'process-restart,webhook',
    HOMEOSTAT_PROCESSES: JSON.stringify({
      web: { restart: restartBy('') },
      broken: { restart: restartBy('process.exit(3)') },
    }),
  });
  await registerDeployment(worldOf(), {
    definition: {
      deploymentId: 'shop',
      blueprintId: null,
      environment: 'production',
      monitoringConfig: {
        driftDetection: true,
        healthChecks: true,
        costMonitoring: true,
        complianceMonitoring: true,
      },
      resources: [
        { name: 'web', type: 'process', id: 'web' },
        { name: 'broken', type: 'process', id: 'broken' },
        { name: 'service', type: 'ecs-service', id: 'main/service' },
      ],
    },
    owner: 'api',
    by: 'admin',
  });
});
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  cloud.arrived.length = 0;
  writeFileSync(tally, '');
});

const worldOf = () => ({
  state: cloud.state,
  bus: { publish: async () => [] },
  clock: systemClock,
  newId: randomId,
  place: { accountId: '123456789012', region: 'eu-central-1' },
  onTrouble: (what: string, error: Error) => {
    throw new Error(what, { cause: error });
  },
});
const restarts = () => readFileSync(tally, 'utf8').split('\n').filter(Boolean).length;

let wishes = 0;
const requestFor = (resource: string): PlanRequest => ({
  occasion: {
    kind: 'asked',
    id: `wish-${++wishes}`,
    occurrence: '1',
    title: `Restart ${resource}`,
    severity: 'info',
    checkIds: [],
  },
  deploymentId: 'shop',
  workflow: 'heal',
  action: 'restart',
  resources: [{ resource }],
  policy: null,
  brakes: { attemptsPerHour: 50, cooldownSeconds: 0, flapsPerDay: 50 },
  remedy: { ...defaultRemedy, waitSeconds: 0 },
  madeBy: 'token:ann',
});

const asked = async (request: PlanRequest) => {
  const { handler } = await import('../../functions/planner/handler.ts');
  return handler(JSON.parse(JSON.stringify({ kind: 'plan', request })));
};
const proposed = async (resource: string): Promise<Plan> => {
  const plan = (await asked(requestFor(resource))) as Plan;
  await propose(worldOf(), plan, { by: 'token:ann' });
  return plan;
};
const stepOf = (plan: Plan, attempt = 1) => ({ planHash: plan.hash, attempt, execution: 'arn:execution' });
const gate = async (plan: Plan) =>
  (await import('../../functions/remedy-gate/handler.ts')).handler(stepOf(plan));
const apply = async (plan: Plan) =>
  (await import('../../functions/remedy-apply/handler.ts')).handler(stepOf(plan));
const verify = async (plan: Plan) =>
  (await import('../../functions/remedy-verify/handler.ts')).handler(stepOf(plan));
const close = async (plan: Plan, failure?: { readonly Error: string; readonly Cause: string }) =>
  (await import('../../functions/remedy-close/handler.ts')).handler({ ...stepOf(plan), failure });
const read = async (plan: Plan): Promise<Remediation> =>
  (await readRemediation(cloud.state, plan.hash)) as Remediation;

describe('the functions of remediation', () => {
  test('plan, let go, apply, verify and close: a process of this machine is restarted once', async () => {
    const plan = await proposed('web');
    expect(plan.actions).toMatchObject([{ kind: 'process-restart', resource: { name: 'web' } }]);
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
    expect(await apply(plan)).toMatchObject({ next: 'verify', verifyAfterSeconds: 0 });
    expect(restarts()).toBe(1);
    expect(await verify(plan)).toMatchObject({ next: 'close' });
    expect(await close(plan)).toMatchObject({ status: 'succeeded' });
    expect(await read(plan)).toMatchObject({ status: 'succeeded', closedAt: expect.any(Number) });
    expect(cloud.arrived.map(({ detail }) => (detail as { status?: string }).status)).toEqual([
      'running',
      'succeeded',
    ]);
    const { entries } = await readLog(cloud.state, plan.hash, { limit: 50 });
    expect(entries.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['planned', 'approved', 'started', 'call', 'applied', 'verified', 'ended']),
    );
    expect(entries.find(({ kind }) => kind === 'call')?.call).toMatchObject({
      service: 'process',
      operation: 'restart web',
      outcome: 'ok',
    });
  });

  test('a step that is delivered twice at once restarts once (fault 1)', async () => {
    const plan = await proposed('web');
    await gate(plan);
    const answers = await Promise.all([apply(plan), apply(plan)]);
    expect(restarts()).toBe(1);
    expect(answers.map(({ next }) => next)).toContain('close');
    await close(plan);
  });

  test('a restart of which nobody knows how it ended calls people and is not tried again', async () => {
    const plan = await proposed('broken');
    await gate(plan);
    expect(await apply(plan)).toMatchObject({ next: 'close' });
    expect(await apply(plan)).toMatchObject({ next: 'close' });
    expect(restarts()).toBe(1);
    expect(await close(plan)).toMatchObject({ status: 'unknown' });
    expect(cloud.arrived.find(({ type }) => type === 'finding.changed')?.detail).toMatchObject({
      kind: 'remediation',
      state: 'open',
      severity: 'critical',
      deploymentId: 'shop',
      resource: 'broken',
    });
    await close(plan);
    expect(cloud.arrived.filter(({ type }) => type === 'finding.changed')).toHaveLength(1);
  });

  test('what the machine caught ends it, and a bus that is away keeps nothing from being written', async () => {
    const plan = await proposed('web');
    cloud.bus = 'down';
    await close(plan, { Error: 'States.TaskFailed', Cause: 'the gate failed' });
    cloud.bus = 'open';
    expect(await read(plan)).toMatchObject({
      status: 'failed',
      reason: 'its workflow failed: States.TaskFailed: the gate failed',
      outbox: [expect.objectContaining({ type: 'remediation.changed' })],
    });
  });

  test('the stop switch holds what is about to be applied', async () => {
    const plan = await proposed('web');
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
    await setStop(cloud.state, { isOn: true, by: 'token:bob', reason: 'wait', at: Date.now() });
    expect(await apply(plan)).toMatchObject({ next: 'close' });
    await setStop(cloud.state, { isOn: false, by: 'token:bob', reason: '', at: Date.now() });
    expect(restarts()).toBe(0);
    expect(await close(plan)).toMatchObject({ status: 'held' });
  });

  test('the planner refuses what was not opted in, and what is no request', async () => {
    expect(await asked(requestFor('service'))).toMatchObject({
      refused: expect.stringContaining('ecs-redeploy (for service) was not opted in'),
    });
    const { handler } = await import('../../functions/planner/handler.ts');
    await expect(handler({ kind: 'apply' })).rejects.toThrow('unknown kind apply');
  });

  test('a step takes no input that is none', async () => {
    const { handler } = await import('../../functions/remedy-close/handler.ts');
    await expect(handler({ planHash: 'x', attempt: 1, execution: 'arn' })).rejects.toThrow(
      'no hash of a plan',
    );
    const verifying = (await import('../../functions/remedy-verify/handler.ts')).handler;
    const planHash = 'a'.repeat(64);
    await expect(verifying({ planHash, attempt: 1, execution: 'arn', phase: 'other' })).rejects.toThrow(
      'unknown phase other',
    );
  });
});
