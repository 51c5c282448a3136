import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../../shared/remediation/apply.ts';
import { closeRemediation } from '../../../shared/remediation/close.ts';
import { readLog } from '../../../shared/remediation/log.ts';
import { makePlan } from '../../../shared/remediation/make-plan.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { isRefused } from '../../../shared/remediation/plan-request.ts';
import { parsePlannerMessage } from '../../../shared/remediation/planner-message.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import { planUndo, undoRequest } from '../../../shared/remediation/undo.ts';
import { verifyPlan } from '../../../shared/remediation/verify.ts';
import { openSmallWorld, planOf, type SmallWorld, second } from './small-world.ts';

const stepOf = (plan: Plan) => ({ planHash: plan.hash, attempt: 1, execution: 'arn' });

const run = async (small: SmallWorld, plan: Plan): Promise<void> => {
  await small.open(plan);
  await applyPlan(small.world, stepOf(plan));
  const world = {
    ...small.world,
    state: small.state,
    telemetry: small.telemetry,
    openPorts: () => ({}) as never,
    look: async () => undefined,
  };
  await verifyPlan(world, stepOf(plan));
  await closeRemediation(small.world, { planHash: plan.hash });
};

/** A remediation of web and api that ended well; the planner is asked as the API asks it. */
const ended = async (given: Partial<Plan> & { readonly services?: readonly string[] } = {}) => {
  const small = openSmallWorld();
  await small.register(
    ['web', 'api'].map((name) => ({ name, type: 'ecs-service' as const, id: `main/${name}` })),
  );
  const plan = planOf({ services: ['web', 'api'], ...given });
  await propose(small.world, plan);
  await run(small, plan);
  const planner = {
    invoke: async (payload: unknown) => {
      const message = parsePlannerMessage(JSON.parse(JSON.stringify(payload)));
      if (message.kind !== 'plan') throw new Error('undo asks for a plan');
      const world = {
        state: small.state,
        clock: small.world.clock,
        actions: small.actions,
        optedIn: small.optedIn,
        openPorts: () => ({}) as never,
      };
      return JSON.parse(JSON.stringify(await makePlan(world, message.request)));
    },
  };
  const undo = async (wish: { readonly by?: string; readonly reach?: readonly string[] } = {}) =>
    planUndo({ state: small.state, planner }, plan.hash, { by: 'token:bob', occurrence: '1', ...wish });
  return { small, plan, undo };
};

const conflict = (said: string) => ({ code: 'CONFLICT', message: expect.stringContaining(said) });

describe('undoing a remediation', () => {
  it('is itself a plan: the last first, over what is there now, and people approve it', async () => {
    const { small, plan, undo } = await ended();
    small.sizes.set('main/api', 5);
    expect(await undo()).toMatchObject({
      workflow: 'drift',
      undoOf: plan.hash,
      occasion: { kind: 'undo', id: plan.hash, occurrence: '1' },
      approval: { mode: 'manual', people: 1 },
      attempts: { max: 1 },
      verification: { checkIds: [] },
      madeBy: 'token:bob',
      actions: [
        { resource: { name: 'api' }, before: { desired: 5 }, expected: { desired: 1 } },
        { resource: { name: 'web' }, before: { desired: 2 }, expected: { desired: 1 } },
      ],
    });
  });

  it.each([
    ['scale', 'scale'],
    ['cost', 'cost'],
    ['heal', 'drift'],
    ['rollback', 'drift'],
  ] as const)('of %s runs as %s, which neither settles nor watches', async (workflow, expected) => {
    const { undo } = await ended({ workflow });
    expect(await undo()).toMatchObject({ workflow: expected });
  });

  it('puts back what was there, and the undone one says by what', async () => {
    const { small, plan, undo } = await ended();
    const made = await undo();
    if (isRefused(made)) throw new Error(made.refused);
    small.pass(60 * second);
    await propose(small.world, { ...made, approval: { ...made.approval } }, { by: 'token:bob' });
    // As the gate writes it once it is approved.
    const approved = await small.read(made.hash);
    expect(approved.status).toBe('approved');
    const { changeRemediation } = await import('../../../shared/remediation/store.ts');
    await changeRemediation(small.world, made.hash, (found) => ({
      draft: { remediation: { ...found, status: 'running' }, entries: [] },
      answer: undefined,
    }));
    await run(small, made);
    expect([...small.sizes]).toEqual([
      ['main/web', 1],
      ['main/api', 1],
      ['main/jobs', 1],
    ]);
    expect((await small.read(plan.hash)).undoneBy).toBe(made.hash);
    const { entries } = await readLog(small.state, plan.hash, { limit: 50 });
    expect(entries.at(-1)).toMatchObject({ text: `undone by ${made.hash}`, by: 'token:bob' });
    await expect(undo()).rejects.toMatchObject(conflict('undone already'));
  });

  it('when everything is as it was already is no plan', async () => {
    const { small, undo } = await ended();
    small.sizes.set('main/web', 1);
    small.sizes.set('main/api', 1);
    expect(await undo()).toMatchObject({ isUnchanged: true });
  });

  it('out of reach looks as if it was not there (fault 33)', async () => {
    const { undo } = await ended();
    await expect(undo({ reach: ['other'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('before it is over, and of what changed nothing, is a conflict', async () => {
    const small = openSmallWorld();
    const wish = { by: 'token:bob', occurrence: '1' };
    const running = await propose(small.world, planOf());
    expect(() => undoRequest(running, wish)).toThrow('not over yet');
    await closeRemediation(small.world, { planHash: running.plan.hash });
    const failed = await small.read(running.plan.hash);
    expect(() => undoRequest(failed, wish)).toThrow('changed nothing');
  });

  it('takes back also what nobody knows to be done, and only what was begun', async () => {
    const small = openSmallWorld();
    const plan = planOf({ services: ['web', 'api', 'jobs'] });
    await propose(small.world, plan);
    await small.open(plan);
    small.moods.set('main/api', ['hangs up']);
    await applyPlan(small.world, stepOf(plan));
    await closeRemediation(small.world, { planHash: plan.hash });
    const request = undoRequest(await small.read(plan.hash), { by: 'token:bob', occurrence: '1' });
    const names = request.resources.map(({ resource }) =>
      typeof resource === 'string' ? resource : resource.name,
    );
    expect(names).toEqual(['api', 'web']);
  });

  it('of a change that cannot be taken back is a conflict that names it', async () => {
    const { small, plan } = await ended();
    const found = await small.read(plan.hash);
    const actions = plan.actions.map(({ undo: _undo, ...action }) => action);
    const final = { ...found, plan: { ...plan, actions } };
    expect(() => undoRequest(final, { by: 'token:bob', occurrence: '1' })).toThrow(
      'cannot be undone: Set web from 1 to 2 tasks.; Set api from 1 to 2 tasks.',
    );
  });
});
