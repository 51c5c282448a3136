import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../shared/remediation/plan.ts';
import { withHash } from '../../shared/remediation/plan-hash.ts';
import type { PlannerMessage } from '../../shared/remediation/planner-message.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

let cloud: Cloud;
/** What the planner answers in place of a plan. */
let refusal: { readonly refused: string; readonly fields?: readonly object[] } | undefined;
const asked: PlannerMessage[] = [];

beforeAll(async () => {
  cloud = await startCloud();
  cloud.invoked = (name, payload) => {
    if (name !== 'planner') throw new Error(`${name} is not called here`);
    const message = payload as unknown as PlannerMessage;
    asked.push(message);
    return refusal ?? (message.kind === 'plan' && planned(message));
  };
  const resources = ['web', 'api'].map((name) => ({ name, type: 'ecs-service', id: `main/${name}` }));
  const registered = await call('POST', '/api/monitoring/register', {
    body: { deploymentId: 'shop', environment: 'production', resources },
  });
  expect(registered.status, registered.text).toBe(201);
});
afterAll(() => cloud.close());
beforeEach(() => {
  refusal = undefined;
  asked.length = 0;
  cloud.executions.clear();
});

let plans = 0;
/** A planner that finds what it is asked for, and the world a little different each time. */
const planned = ({ request }: Extract<PlannerMessage, { kind: 'plan' }>): Plan => {
  const { occasion, deploymentId, workflow, remedy, madeBy, policy } = request;
  const size = ++plans;
  return withHash({
    workflow,
    deploymentId,
    environment: 'production',
    occasion,
    policy: policy && {
      id: policy.id,
      name: policy.name,
      revision: policy.revision,
      section: policy.section,
    },
    actions: [
      {
        kind: 'ecs-redeploy',
        resource: { name: 'web', type: 'ecs-service', id: 'main/web' },
        params: {},
        summary: 'Start new tasks of web.',
        before: { tasks: size },
        expected: { tasks: size },
        risk: 'low',
        permissions: [
          { actions: ['ecs:UpdateService'], resources: ['arn:aws:ecs:eu-central-1:1:service/main/web'] },
        ],
      },
    ],
    approval: remedy.approval,
    limits: {},
    brakes: { attemptsPerHour: 3, cooldownSeconds: 300, flapsPerDay: 3 },
    attempts: { max: 1, backoff: 'exponential' },
    verification: { checkIds: [], afterSeconds: 30, deadlineSeconds: 300 },
    madeAt: Date.now(),
    madeBy,
  });
};

const remediate = (body: object, more: Parameters<typeof call>[2] = {}) =>
  call('POST', '/api/monitoring/remediate/shop', { body, ...more });
const restart = { action: 'restart', resource: 'web' };
const one = (id: unknown) => `/api/v1/monitoring/remediations/${String(id)}`;
const plan = (id: unknown) => `/api/v1/monitoring/plans/${String(id)}`;

describe('asking for a remedy', () => {
  it('plans it, keeps it and waits for people; its workflow runs up to where they are asked', async () => {
    const made = await remediate(restart);
    expect([made.status, made.json.status]).toEqual([202, 'waiting']);
    expect(made.headers.location).toBe(one(made.json.planHash));
    expect(made.json.remediationId).toBe(made.json.planHash);
    const [started] = [...cloud.executions];
    expect(started).toEqual([
      made.json.planHash,
      { machine: 'Homeostat-heal', input: { planHash: made.json.planHash, attempt: 1 } },
    ]);
    expect(asked[0]).toMatchObject({
      kind: 'plan',
      request: { action: 'restart', resources: [{ resource: 'web' }], madeBy: 'admin', policy: null },
    });
  });

  it('with approve: true it is approved as that very hash', async () => {
    const made = await remediate({ ...restart, approve: true });
    expect([made.status, made.json.status]).toEqual([202, 'approved']);
    const read = await call('GET', one(made.json.planHash));
    expect(read.json.approvals).toEqual([{ by: 'admin', at: expect.any(String), comment: null }]);
  });

  it('as a dry run shows the plan, keeps nothing and starts nothing', async () => {
    const shown = await remediate({ ...restart, dryRun: true });
    expect([shown.status, shown.json.remediationId]).toEqual([200, null]);
    expect(shown.json.plan?.actions).toMatchObject([{ summary: 'Start new tasks of web.', undo: null }]);
    expectProblem(await call('GET', one(shown.json.planHash)), 404);
    expect(cloud.executions.size).toBe(0);
  });

  it('with the same Idempotency-Key gives the very same plan; another request with it is refused', async () => {
    const headers = { 'idempotency-key': 'restart-1' };
    const [first, again] = [await remediate(restart, { headers }), await remediate(restart, { headers })];
    expect([again.status, again.json.planHash]).toEqual([202, first.json.planHash]);
    expect(asked).toHaveLength(1);
    expectProblem(await remediate({ action: 'restart', resource: 'api' }, { headers }), 422);
    expect((await remediate(restart)).json.planHash).not.toBe(first.json.planHash);
  });

  it('says which resources there are when it is not clear which one is meant', async () => {
    const unclear = await remediate({ action: 'restart' });
    expectProblem(unclear, 422);
    expect(unclear.json.errors).toEqual([
      { path: 'resource', message: 'Name one of its resources: web, api.' },
    ]);
    expectProblem(await remediate({ action: 'restart', resource: 'nosuch' }), 422);
  });

  it('says why nothing can be planned', async () => {
    refusal = { refused: 'The action ecs-redeploy (for web) was not opted in.' };
    const refused = await remediate(restart);
    expectProblem(refused, 409);
    expect(refused.json.detail).toBe('The action ecs-redeploy (for web) was not opted in.');
    refusal = {
      refused: 'web: the parameters are not valid.',
      fields: [{ path: 'params.by', message: 'Give it.' }],
    };
    expectProblem(await remediate({ action: 'scale', resource: 'web' }), 422);
    refusal = undefined;
    const nothing = await remediate({ action: 'fix-drift' });
    expectProblem(nothing, 409);
    expect(nothing.json.detail).toContain('No drift of shop is open');
  });

  it('of a deployment that is not there or not reached is alike: 404 (fault 33)', async () => {
    const foreign = await tokenWith(['read', 'operate'], ['elsewhere']);
    const [gone, unreached] = [
      await call('POST', '/api/monitoring/remediate/nosuch', { body: restart, token: foreign }),
      await remediate(restart, { token: foreign }),
    ];
    expectProblem(gone, 404);
    expectProblem(unreached, 404);
    expect(unreached.json.detail).toBe(gone.json.detail);
  });
});

describe('where the policy wants other people', () => {
  const policy = (approval: object) => ({
    name: 'four eyes',
    selector: { deployments: ['shop'] },
    health_remediation: { unhealthy_service: { action: 'restart', ...approval } },
  });
  let path = '';
  beforeAll(async () => {
    const body = policy({ approval: { mode: 'manual', another_person: true } });
    const made = await call('POST', '/api/v1/monitoring/policies', { body });
    expect(made.status, made.text).toBe(201);
    path = `/api/v1/monitoring/policies/${String(made.json.id)}`;
  });
  afterAll(() => call('DELETE', path));

  it('who asks cannot approve it in the same breath, and nothing was kept of it', async () => {
    const refused = await remediate({ ...restart, approve: true });
    expectProblem(refused, 403);
    expect(refused.json.detail).toContain('another person');
    expect(cloud.executions.size).toBe(0);
  });

  it('somebody else can', async () => {
    const made = await remediate(restart);
    expectProblem(await call('POST', `${plan(made.json.planHash)}/approve`), 403);
    const token = await tokenWith(['operate']);
    const approved = await call('POST', `${plan(made.json.planHash)}/approve`, { token });
    expect([approved.status, approved.json.status]).toEqual([200, 'approved']);
  });

  it('and several of them: approving at once is refused, and each of them counts once', async () => {
    const body = policy({ approval: { mode: 'manual', people: 2 } });
    expect((await call('PUT', path, { body })).status).toBe(200);
    const refused = await remediate({ ...restart, approve: true });
    expectProblem(refused, 409);
    expect(refused.json.detail).toContain('wants 2 people');
    const made = await remediate(restart);
    const approve = (token?: string) =>
      call('POST', `${plan(made.json.planHash)}/approve`, token === undefined ? {} : { token });
    expect((await approve()).json.status).toBe('waiting');
    expect((await approve()).json.approvals).toHaveLength(1);
    const [ann, ben] = [await tokenWith(['operate']), await tokenWith(['operate'])];
    expect((await approve(ann)).json.status).toBe('approved');
    expectProblem(await approve(ben), 409);
  });
});

describe('what became of it', () => {
  it('is listed newest first, with its record, and its token is nowhere', async () => {
    const made = await remediate(restart);
    const listed = await call('GET', '/api/v1/monitoring/remediations?status=waiting&limit=1');
    expect(listed.json.items).toMatchObject([
      { id: made.json.planHash, status: 'waiting', resources: ['web'] },
    ]);
    expect(listed.json.next).not.toBeNull();
    const next = encodeURIComponent(String(listed.json.next));
    const more = await call('GET', `/api/v1/monitoring/remediations?status=waiting&limit=1&cursor=${next}`);
    expect(more.json.items).not.toMatchObject([{ id: made.json.planHash }]);
    const log = await call('GET', `${one(made.json.planHash)}/log`);
    expect(log.json.items).toMatchObject([{ kind: 'planned', by: 'admin' }]);
    const read = await call('GET', plan(made.json.planHash));
    expect(read.json.plan?.hash).toBe(made.json.planHash);
  });

  it('can be rejected once, and then not be approved any more (fault 18)', async () => {
    const { planHash } = (await remediate(restart)).json;
    const body = { comment: 'not during the sale' };
    const rejected = await call('POST', `${plan(planHash)}/reject`, { body });
    expect([rejected.json.status, rejected.json.reason]).toEqual([
      'rejected',
      'rejected by admin: not during the sale',
    ]);
    expect((await call('POST', `${plan(planHash)}/reject`, { body })).status).toBe(200);
    expectProblem(await call('POST', `${plan(planHash)}/approve`), 409);
    expectProblem(await call('POST', `${one(planHash)}/cancel`), 409);
    expectProblem(await call('POST', `${one(planHash)}/undo`), 409);
  });

  it('can be cancelled before anything was changed', async () => {
    const { planHash } = (await remediate(restart)).json;
    const cancelled = await call('POST', `${one(planHash)}/cancel`, { body: { comment: 'fixed by hand' } });
    expect(cancelled.json.status).toBe('cancelled');
    expect((await call('POST', `${one(planHash)}/cancel`)).json.status).toBe('cancelled');
  });

  it('is shown to nobody who does not reach the deployment (fault 33)', async () => {
    const { planHash } = (await remediate(restart)).json;
    const token = await tokenWith(['read', 'operate'], ['elsewhere']);
    for (const path of [one(planHash), `${one(planHash)}/log`, plan(planHash)])
      expectProblem(await call('GET', path, { token }), 404);
    for (const path of ['cancel', 'undo'])
      expectProblem(await call('POST', `${one(planHash)}/${path}`, { token }), 404);
    for (const path of ['approve', 'reject'])
      expectProblem(await call('POST', `${plan(planHash)}/${path}`, { token }), 404);
    const listed = await call('GET', '/api/v1/monitoring/remediations', { token });
    expect(listed.json).toEqual({ items: [], next: null });
    expect((await call('GET', one(planHash))).json.status).toBe('waiting');
  });
});

describe('the stop switch', () => {
  const stop = '/api/v1/monitoring/remediation/stop';
  it('is off, holds everything once it is on, and says who switched it and why', async () => {
    expect((await call('GET', stop)).json).toEqual({ isOn: false, by: null, reason: null, at: null });
    const on = await call('POST', stop, { body: { reason: 'the sale' } });
    expect(on.json).toEqual({ isOn: true, by: 'admin', reason: 'the sale', at: expect.any(String) });
    expect((await call('GET', stop)).json.isOn).toBe(true);
    expect((await call('DELETE', stop)).json.isOn).toBe(false);
    const told = cloud.arrived.filter(({ detail }) => detail.id.startsWith('audit:remediation-stop'));
    expect(told).toMatchObject([{ detail: { action: 'stopped' } }, { detail: { action: 'resumed' } }]);
  });

  it('is switched only by a token that reaches all deployments', async () => {
    const token = await tokenWith(['read', 'operate'], ['shop']);
    expectProblem(await call('POST', stop, { token }), 403);
    expectProblem(await call('DELETE', stop, { token }), 403);
    expect((await call('GET', stop, { token })).json.isOn).toBe(false);
  });
});

describe('/metrics', () => {
  it('tells what remedies did to a token that reaches all deployments, and to no other', async () => {
    const names = ['remediations_total', 'drift_remediations_total', 'remediation_duration_seconds'];
    const [all, some] = [
      await call('GET', '/metrics'),
      await call('GET', '/metrics', { token: await tokenWith(['read'], ['shop']) }),
    ];
    for (const name of names) {
      expect(all.text).toContain(`# TYPE ${name} `);
      expect(some.text).not.toContain(name);
    }
  });
});
