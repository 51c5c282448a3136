import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readHeal } from '../../../shared/remediation/lease.ts';
import { readChanged } from '../../../shared/remediation/limits.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { Killed } from '../incidents/mortal.ts';
import { healPlan, openGate } from './gate-world.ts';
import { noon, restart } from './plans.ts';

const names = ['web', 'api', 'jobs', 'mail', 'docs', 'feed'];
const limits = { maxCount: 3 };

const openUnwell = async (unwell: readonly string[]) => {
  const open = await openGate(names);
  await open.setPolicy({ limits });
  for (const name of unwell) await open.stands(name, 'unhealthy');
  const plans = unwell.map((name) => healPlan(name, { limits }));
  for (const plan of plans) await open.propose(plan);
  return { ...open, plans };
};

const outcomeOf = async (open: Awaited<ReturnType<typeof openUnwell>>, plan: Plan) => {
  const { status, attempt } = await open.run(plan);
  const resource = plan.actions[0]?.resource ?? restart().resource;
  const { lease, attempts } = await readHeal(open.state, resource);
  const nobody = healPlan('nobody');
  const keys = (await readChanged(open.state, nobody, noon)).map(({ key }) => key).sort();
  return { status, attempt, lease, attempts, keys };
};

test('killed at any of its accesses and delivered again, the gate ends as if it never was (fault 3)', async () => {
  const calm = await openUnwell(['web', 'api']);
  const [first] = calm.plans;
  if (!first) throw new Error('there is a plan');
  let accesses = 0;
  calm.mortal.interruptWith(() => void accesses++);
  await calm.gate(first);
  calm.mortal.interruptWith(() => {});
  const expected = await outcomeOf(calm, first);
  expect(expected).toMatchObject({ status: 'running', keys: ['process/web'] });
  expect(expected.attempts).toHaveLength(1);
  for (let killedAt = 0; killedAt < accesses; killedAt++) {
    const open = await openUnwell(['web', 'api']);
    let access = 0;
    open.mortal.interruptWith((what) => {
      if (access++ === killedAt) throw new Killed(what);
    });
    let answer: unknown;
    await open.mortal.surviving(async () => {
      answer = await open.gate(first);
    });
    open.mortal.interruptWith(() => {});
    expect({ killedAt, answer }).toMatchObject({ killedAt, answer: { next: 'apply' } });
    expect({ killedAt, ...(await outcomeOf(open, first)) }).toEqual({ killedAt, ...expected });
  }
});

test('any gates that meet, are killed and delivered again let no more go than the limit, each once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...names.slice(0, 5)), { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 4 }),
      fc.array(fc.nat(4), { minLength: 5, maxLength: 12 }),
      async (unwell, killedAt, order) => {
        // One after another, as the world grows worse: none of them knows of those to come.
        const open = await openGate(names);
        await open.setPolicy({ limits });
        const plans = unwell.map((name) => healPlan(name, { limits }));
        for (const plan of plans) await open.propose(plan);
        let access = 0;
        open.mortal.interruptWith((what) => {
          if (killedAt.includes(access++)) throw new Killed(what);
        });
        const passed = new Set<string>();
        for (const at of order) {
          const plan = plans[at % plans.length];
          const name = unwell[at % unwell.length];
          if (!plan || name === undefined) continue;
          await open.stands(name, 'unhealthy');
          await open.mortal.surviving(async () => {
            const { next } = await open.gate(plan);
            if (next === 'apply') passed.add(name);
          });
          await open.stands(name, 'healthy');
        }
        open.mortal.interruptWith(() => {});
        const keys = (await readChanged(open.state, healPlan('nobody'), noon)).map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.length).toBeLessThanOrEqual(3);
        for (const name of passed) expect(keys).toContain(`process/${name}`);
        for (const [at, plan] of plans.entries()) {
          const name = unwell[at] ?? '';
          const { lease, attempts } = await readHeal(open.state, restart(name).resource);
          expect(attempts.length).toBeLessThanOrEqual(1);
          if (passed.has(name)) expect(lease?.planHash).toBe(plan.hash);
        }
      },
    ),
    { numRuns: 60 },
  );
});
