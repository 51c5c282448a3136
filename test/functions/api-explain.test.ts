import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setStop } from '../../shared/remediation/index.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const explain = '/api/v1/monitoring/policies/explain';
const web = { name: 'web', type: 'ecs-service', id: 'prod/web', checks: ['home'] };
const worker = { name: 'worker', type: 'ec2-instance', id: 'i-0a1b2c3d', tags: { tier: 'batch' } };

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  const body = { deploymentId: 'shop', environment: 'production', resources: [web, worker] };
  expect((await call('POST', '/api/monitoring/register', { body })).status).toBe(201);
  const check = { deploymentId: 'shop', name: 'home', type: 'http', target: 'https://shop.example.com/' };
  const made = await call('POST', '/api/v1/monitoring/health-checks', { body: check });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  for (const policy of [
    {
      name: 'healing',
      selector: { deployments: ['shop'] },
      health_remediation: { unhealthy_service: { action: 'restart' } },
      windows: [
        { kind: 'deny', weekdays: ['fri'], from: '18:00', until: '06:00', time_zone: 'Europe/Berlin' },
      ],
    },
    {
      name: 'saving',
      selector: { environments: ['production'] },
      cost_optimization: { idle_resources: { action: 'stop' } },
      drift_remediation: { auto_fix: [{ severity: 'error', action: 'fix', approval: 'auto' }] },
    },
  ]) {
    const written = await call('POST', '/api/v1/monitoring/policies', { body: policy });
    expect([written.status, written.text]).toEqual([201, expect.any(String)]);
  }
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
});

const ask = async (finding: object, over: object = {}, token?: string) => {
  const sent = { body: { deploymentId: 'shop', finding, ...over }, ...(token !== undefined && { token }) };
  const answer = await call('POST', explain, sent);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.json;
};
const brakesOf = (answer: Awaited<ReturnType<typeof ask>>) =>
  (answer.holds as unknown as { brake: string }[]).map(({ brake }) => brake);

// A Thursday noon and a Friday night in Berlin.
const thursday = '2026-06-11T10:00:00Z';
const fridayNight = '2026-06-12T20:00:00Z';

describe('explaining what would be done', () => {
  it('names the policy, the action on the resource, and what each other policy said', async () => {
    const answer = await ask({ kind: 'unhealthy', resource: 'home' }, { at: thursday });
    expect(answer).toMatchObject({
      at: '2026-06-11T10:00:00.000Z',
      finding: { id: null, kind: 'unhealthy', deploymentId: 'shop', resource: 'web' },
      decision: {
        policy: { name: 'healing' },
        section: 'health_remediation.unhealthy_service',
        action: 'restart',
        approval: 'auto',
        reason: 'Policy healing, health_remediation.unhealthy_service: restart, without asking.',
      },
      actions: [
        {
          kind: 'ecs-redeploy',
          resource: { name: 'web', type: 'ecs-service', id: 'prod/web' },
          isDestructive: false,
        },
      ],
      considered: [
        { policy: { name: 'healing', revision: 1 }, isMatch: true },
        {
          policy: { name: 'saving' },
          isMatch: false,
          reason: 'It has no section health_remediation.unhealthy_service.',
        },
      ],
    });
  });

  it('on Friday night it is held, until Saturday morning', async () => {
    expect(brakesOf(await ask({ kind: 'unhealthy', resource: 'web' }, { at: thursday }))).not.toContain(
      'outside_window',
    );
    const night = await ask({ kind: 'unhealthy', resource: 'web' }, { at: fridayNight });
    expect(night.outcome).toBe('held');
    expect(night.holds).toContainEqual({
      brake: 'outside_window',
      reason: expect.stringContaining('Nothing runs fri 18:00–06:00 (Europe/Berlin).'),
      until: '2026-06-13T04:00:00.000Z',
    });
  });

  it('an action that was not opted in at deploy holds, and says what to do', async () => {
    const answer = await ask({ kind: 'idle', resource: 'i-0a1b2c3d' });
    expect(answer).toMatchObject({
      outcome: 'held',
      decision: { policy: { name: 'saving' }, action: 'stop', approval: 'manual' },
      actions: [{ kind: 'ec2-stop', resource: { name: 'worker' } }],
    });
    expect(answer.holds).toContainEqual({
      brake: 'not_opted_in',
      reason: expect.stringContaining('ec2-stop'),
      until: null,
    });
  });

  it('the stop switch holds everything', async () => {
    const idle = { kind: 'idle', resource: 'worker' };
    expect(brakesOf(await ask(idle))).not.toContain('stop_switch');
    const stopped = { isOn: true, by: 'ann', reason: 'we look', at: Date.now() };
    await setStop(cloud.state, stopped);
    expect(brakesOf(await ask(idle))).toContain('stop_switch');
    await setStop(cloud.state, { ...stopped, isOn: false });
  });

  it.each<readonly [string, object, string]>([
    [
      'what no policy speaks of',
      { kind: 'violation', resource: 'web' },
      'Nothing is done. No policy speaks of it.',
    ],
    [
      'what is only ever told',
      { kind: 'cost', resource: 'web' },
      'Nothing is done. Findings of the kind cost are told, never remedied.',
    ],
    [
      'a resource that nobody listed',
      { kind: 'unhealthy', resource: 'db' },
      'Nothing is done: no plan can be made. db is none of the resources of shop',
    ],
  ])('of %s it says that nothing is done, and why', async (_, finding, summary) => {
    const answer = await ask(finding);
    expect([answer.outcome, answer.actions, answer.holds]).toEqual(['nothing', [], []]);
    expect(String(answer.summary).startsWith(summary), String(answer.summary)).toBe(true);
  });

  it('explains a finding that is there', async () => {
    const finding = {
      kind: 'drift',
      severity: 'error',
      deploymentId: 'shop',
      resource: 'sg-1',
      title: 'port 22 is open',
      reason: 'not as declared',
      details: {
        typeName: 'AWS::EC2::SecurityGroup',
        identifier: 'sg-1',
        patch: [{ op: 'remove', path: '/SecurityGroupIngress/0' }],
      },
    };
    const told = await call('POST', '/api/v1/monitoring/findings', {
      body: { source: 'guard', findings: [finding] },
    });
    const findingId = (told.json.items as unknown as { id: string }[])[0]?.id;
    const answer = await call('POST', explain, { body: { findingId } });
    expect(answer.json).toMatchObject({
      finding: { id: findingId, kind: 'drift', resource: 'sg-1' },
      decision: { policy: { name: 'saving' }, section: 'drift_remediation', action: 'fix' },
      actions: [{ kind: 'cloudcontrol-patch', resource: { type: 'cloudcontrol-resource', id: 'sg-1' } }],
    });
    const token = await tokenWith(['read'], ['default']);
    expectProblem(await call('POST', explain, { token, body: { findingId } }), 404);
  });

  it('starts nothing, plans nothing and tells nothing', async () => {
    await ask({ kind: 'unhealthy', resource: 'web' }, { at: thursday });
    expect([cloud.executions.size, cloud.arrived]).toEqual([0, []]);
  });

  it('a token of one deployment sees only the policy that decides', async () => {
    const token = await tokenWith(['read'], ['shop']);
    const answer = await ask({ kind: 'unhealthy', resource: 'web' }, { at: thursday }, token);
    expect(
      (answer.considered as unknown as { policy: { name: string } }[]).map(({ policy }) => policy.name),
    ).toEqual(['healing']);
    expectProblem(
      await call('POST', explain, {
        token,
        body: { deploymentId: 'blog', finding: { kind: 'idle', resource: 'x' } },
      }),
      404,
    );
  });

  it('wants a finding or the id of one, not both and not none', async () => {
    expectProblem(await call('POST', explain, { body: {} }), 422);
    const finding = { kind: 'idle', resource: 'web' };
    expectProblem(await call('POST', explain, { body: { finding, findingId: 'a'.repeat(32) } }), 422);
    expectProblem(await call('POST', explain, { body: { deploymentId: 'gone', finding } }), 404);
  });
});
