import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approve, reject } from '../../../shared/remediation/approve.ts';
import { cancel } from '../../../shared/remediation/cancel.ts';
import { readLog } from '../../../shared/remediation/log.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import { startWorkflow } from '../../../shared/remediation/start-workflow.ts';
import { changeRemediation } from '../../../shared/remediation/store.ts';
import { undoRequest } from '../../../shared/remediation/undo.ts';
import { manual, noon, openSmallWorld, planOf, second } from './small-world.ts';

const ann = { by: 'token:ann', names: ['ann'] };
const bob = { by: 'token:bob', names: ['bob'] };
const cat = { by: 'token:cat', names: ['cat'] };

const proposed = async (given: Partial<Plan['approval']> = {}) => {
  const small = openSmallWorld();
  const plan = planOf({ approval: { ...manual, ...given } });
  const first = await propose(small.world, plan);
  return { small, plan, first };
};

const conflict = (said: string) => ({ code: 'CONFLICT', message: expect.stringContaining(said) });
const forbidden = (said: string) => ({ code: 'FORBIDDEN', message: expect.stringContaining(said) });

describe('a plan that was proposed', () => {
  it('waits for people, for as long as its policy says', async () => {
    const { first } = await proposed({ expiresSeconds: 600 });
    expect(first).toMatchObject({
      status: 'waiting',
      approveBy: noon + 600 * second,
      reason: 'it waits for somebody to approve it',
    });
  });

  it('runs by itself where its policy says so', async () => {
    const small = openSmallWorld();
    expect(await propose(small.world, planOf())).toMatchObject({ status: 'running', attempt: 1 });
  });

  it('proposed again is the same remediation, and is told once', async () => {
    const { small, plan } = await proposed();
    small.pass(60_000);
    expect(await propose(small.world, { ...plan, madeBy: 'token:bob' })).toMatchObject({
      startedAt: noon,
      plan: { madeBy: 'token:ann' },
    });
    expect(small.published.map(({ type }) => type)).toEqual(['remediation.changed']);
  });

  it('whose hash is not its own is refused', async () => {
    const small = openSmallWorld();
    await expect(propose(small.world, { ...planOf(), environment: 'test' })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });

  it('starts one execution, named by its hash, however often it is started', async () => {
    const { small, first, plan } = await proposed();
    const started: unknown[][] = [];
    const workflows = {
      start: async (...given: unknown[]) => {
        started.push(given);
        return { arn: `arn:${given[1]}`, isNew: started.length === 1 };
      },
    };
    const running = await startWorkflow({ ...small.world, workflows }, first);
    // What a crash between the two left: the item does not know of it yet.
    await startWorkflow({ ...small.world, workflows }, first);
    await startWorkflow({ ...small.world, workflows }, running);
    expect(started).toEqual([
      ['heal', plan.hash, { planHash: plan.hash, attempt: 1 }],
      ['heal', plan.hash, { planHash: plan.hash, attempt: 1 }],
    ]);
    expect((await small.read(plan.hash)).executionArn).toBe(`arn:${plan.hash}`);
  });
});

describe('approving', () => {
  it('lets the plan go on, says so once, and stands in the record', async () => {
    const { small, plan } = await proposed();
    const approved = await approve(small.world, plan.hash, { ...bob, comment: 'go' });
    expect(approved).toMatchObject({
      status: 'approved',
      reason: 'approved by token:bob',
      approvals: [{ by: 'token:bob', at: noon, comment: 'go' }],
    });
    expect(small.published.map(({ type }) => type)).toEqual([
      'remediation.changed',
      'remediation.changed',
      'plan.decided',
      'audit.recorded',
    ]);
    expect(small.published.find(({ type }) => type === 'plan.decided')?.detail).toMatchObject({
      planHash: plan.hash,
      decision: 'approved',
      by: 'token:bob',
    });
    const { entries } = await readLog(small.state, plan.hash, { limit: 10 });
    expect(entries.at(-1)).toMatchObject({ kind: 'approved', by: 'token:bob', text: 'go' });
  });

  it('twice by the same person is once, with the same answer (fault 18)', async () => {
    const { small, plan } = await proposed();
    const first = await approve(small.world, plan.hash, bob);
    small.published.length = 0;
    expect(await approve(small.world, plan.hash, bob)).toMatchObject({
      status: first.status,
      approvals: first.approvals,
      revision: first.revision,
    });
    expect(small.published).toEqual([]);
  });

  it('late means expired, which is as if it had been rejected (fault 18)', async () => {
    const { small, plan } = await proposed({ expiresSeconds: 600 });
    small.pass(600 * second);
    small.pass(1);
    await expect(approve(small.world, plan.hash, bob)).rejects.toMatchObject(conflict('expired'));
    expect(await small.read(plan.hash)).toMatchObject({
      status: 'expired',
      approvals: [],
      reason: 'nobody approved it until 2026-11-02T12:10:00.000Z',
    });
    expect(small.published.find(({ type }) => type === 'plan.decided')?.detail).toMatchObject({
      decision: 'rejected',
      by: 'homeostat',
    });
    await expect(approve(small.world, plan.hash, bob)).rejects.toMatchObject(conflict('The plan expired'));
  });

  it('names the hash: another one is not there (fault 18)', async () => {
    const { small } = await proposed();
    const other = planOf({ services: ['api'] }).hash;
    await expect(approve(small.world, other, bob)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(approve(small.world, 'not a hash', bob)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of a deployment out of reach looks as if it was not there (fault 33)', async () => {
    const { small, plan } = await proposed();
    const foreign = { ...bob, reach: ['other'] };
    await expect(approve(small.world, plan.hash, foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(reject(small.world, plan.hash, foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(cancel(small.world, plan.hash, foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await small.read(plan.hash)).status).toBe('waiting');
  });

  it('takes as many different people as the policy wants', async () => {
    const { small, plan } = await proposed({ people: 2 });
    expect(await approve(small.world, plan.hash, bob)).toMatchObject({
      status: 'waiting',
      reason: 'approved by token:bob; 1 more of 2 people must approve it',
    });
    expect((await approve(small.world, plan.hash, bob)).status).toBe('waiting');
    expect(await approve(small.world, plan.hash, cat)).toMatchObject({
      status: 'approved',
      reason: 'approved by token:bob and token:cat',
    });
  });

  it('counts only those whom the policy names', async () => {
    const { small, plan } = await proposed({ by: ['cat', 'link:oncall'] });
    await expect(approve(small.world, plan.hash, bob)).rejects.toMatchObject(
      forbidden('only these approve it: cat, link:oncall'),
    );
    expect((await approve(small.world, plan.hash, cat)).status).toBe('approved');
  });

  it('does not count whoever asked for it, where the policy wants another person', async () => {
    const { small, plan } = await proposed({ anotherPerson: true });
    await expect(approve(small.world, plan.hash, ann)).rejects.toMatchObject(forbidden('another person'));
    expect((await approve(small.world, plan.hash, bob)).status).toBe('approved');
  });

  it('after a decision is a conflict that says which one', async () => {
    const { small, plan } = await proposed();
    await reject(small.world, plan.hash, { ...bob, comment: 'not today' });
    await expect(approve(small.world, plan.hash, cat)).rejects.toMatchObject(
      conflict('rejected by token:bob: not today'),
    );
    await expect(reject(small.world, plan.hash, cat)).rejects.toMatchObject(conflict('is rejected'));
    // The same person again hears the same.
    expect((await reject(small.world, plan.hash, bob)).status).toBe('rejected');
  });

  it('of what needs nobody is a conflict', async () => {
    const small = openSmallWorld();
    const plan = planOf();
    await propose(small.world, plan);
    await expect(approve(small.world, plan.hash, bob)).rejects.toMatchObject(conflict('needs nobody'));
  });

  it('of a release that is still watched is a conflict', async () => {
    const small = openSmallWorld();
    const watch = { windowSeconds: 600, maxBurnRate: 14.4, releaseId: 'r1' };
    const plan = planOf({ approval: manual, workflow: 'rollback', watch });
    expect(await propose(small.world, plan)).toMatchObject({ status: 'running' });
    expect((await small.read(plan.hash)).approveBy).toBeUndefined();
    await expect(approve(small.world, plan.hash, bob)).rejects.toMatchObject(conflict('still being watched'));
  });

  it('many at once by many people is decided once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(ann, bob, cat), fc.boolean()), { minLength: 1, maxLength: 8 }),
        fc.scheduler(),
        async (words, scheduler) => {
          const { small, plan } = await proposed({ people: 2 });
          const state = {
            get: (...given: Parameters<typeof small.state.get>) =>
              scheduler.schedule(Promise.resolve()).then(() => small.state.get(...given)),
            put: small.state.put,
            update: (...given: Parameters<typeof small.state.update>) =>
              scheduler.schedule(Promise.resolve()).then(() => small.state.update(...given)),
          };
          const all = Promise.allSettled(
            words.map(([who, isYes]) =>
              (isYes ? approve : reject)({ ...small.world, state }, plan.hash, who),
            ),
          );
          await scheduler.waitFor(all);
          const { status, approvals, rejectedBy } = await small.read(plan.hash);
          expect(new Set(approvals.map(({ by }) => by)).size).toBe(approvals.length);
          expect(status === 'approved').toBe(approvals.length === 2);
          expect(status === 'rejected').toBe(rejectedBy !== undefined);
          const decided = small.published.filter(({ type }) => type === 'plan.decided');
          expect(new Set(decided.map(({ detail }) => JSON.stringify(detail))).size).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('proposing and approving in one', () => {
  it('approves that very hash in the same write', async () => {
    const small = openSmallWorld();
    expect(await propose(small.world, planOf({ approval: manual }), ann)).toMatchObject({
      status: 'approved',
      revision: 1,
      approvals: [{ by: 'token:ann' }],
    });
  });

  it('is refused, and nothing kept, where the policy wants another person', async () => {
    const small = openSmallWorld();
    const plan = planOf({ approval: { ...manual, anotherPerson: true } });
    await expect(propose(small.world, plan, ann)).rejects.toMatchObject(forbidden('another person'));
    await expect(small.read(plan.hash)).rejects.toThrow('there is no remediation');
  });

  it('of a plan that waits already approves it', async () => {
    const { small, plan } = await proposed();
    expect((await propose(small.world, plan, bob)).status).toBe('approved');
  });

  it('where two people are wanted waits for the second one', async () => {
    const small = openSmallWorld();
    expect(await propose(small.world, planOf({ approval: { ...manual, people: 2 } }), ann)).toMatchObject({
      status: 'waiting',
      approvals: [{ by: 'token:ann' }],
    });
  });
});

describe('cancelling', () => {
  it('ends what waits, and has its step go on', async () => {
    const { small, plan } = await proposed();
    expect(await cancel(small.world, plan.hash, { by: 'token:bob', comment: 'wrong one' })).toMatchObject({
      status: 'cancelled',
      reason: 'cancelled by token:bob: wrong one',
      endedAt: noon,
    });
    expect(small.published.find(({ type }) => type === 'plan.decided')?.detail).toMatchObject({
      decision: 'rejected',
    });
    expect((await cancel(small.world, plan.hash, { by: 'token:cat' })).reason).toBe(
      'cancelled by token:bob: wrong one',
    );
    await expect(approve(small.world, plan.hash, bob)).rejects.toMatchObject(conflict('cancelled'));
  });

  it('between two attempts says that something was changed, and leaves it to be undone', async () => {
    const small = openSmallWorld();
    const plan = planOf({ attempts: { max: 3, backoff: 'exponential' } });
    await propose(small.world, plan);
    await changeRemediation(small.world, plan.hash, (found) => ({
      draft: {
        remediation: { ...found, attempt: 2, actions: [{ state: 'pending', attempt: 2, appliedAt: noon }] },
        entries: [],
      },
      answer: undefined,
    }));
    const cancelled = await cancel(small.world, plan.hash, { by: 'token:bob' });
    expect(cancelled.reason).toBe('cancelled by token:bob after an attempt that changed something');
    expect(undoRequest(cancelled, { by: 'token:bob', occurrence: '1' }).resources).toHaveLength(1);
  });
});
