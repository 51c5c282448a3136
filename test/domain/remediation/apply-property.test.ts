import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingIdOf, findingKey } from '../../../shared/findings/finding-id.ts';
import type { HomeostatEvent } from '../../../shared/platform/events.ts';
import { unsentOf } from '../../../shared/platform/outbox/index.ts';
import { applyPlan } from '../../../shared/remediation/apply.ts';
import { closeRemediation } from '../../../shared/remediation/close.ts';
import { calledFor } from '../../../shared/remediation/escalate.ts';
import { readLog } from '../../../shared/remediation/log.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import type { ApplyAnswer, CloseInput } from '../../../shared/remediation/steps.ts';
import { verifyPlan } from '../../../shared/remediation/verify.ts';
import { dyingAt, type Gate, Killed, through } from './mortal-world.ts';
import { type Mood, openSmallWorld, planOf, type SmallWorld } from './small-world.ts';

const stepOf = (plan: Plan, attempt = 1) => ({ planHash: plan.hash, attempt, execution: 'arn' });

const begun = async (plan: Plan): Promise<SmallWorld> => {
  const small = openSmallWorld();
  await propose(small.world, plan);
  await small.open(plan);
  return small;
};

/** One invocation, killed or not; undefined where it was killed. */
const invoked = async (
  small: SmallWorld,
  plan: Plan,
  gate: Gate,
  attempt = 1,
): Promise<ApplyAnswer | undefined> => {
  try {
    return await applyPlan(through(small, gate), stepOf(plan, attempt));
  } catch (error) {
    if (error instanceof Killed) return undefined;
    throw error;
  }
};

const nothing: Gate = () => undefined;

const isOnceEach = (asked: readonly string[]): boolean => new Set(asked).size === asked.length;

describe('an invocation that is killed at its n-th access (fault 3)', () => {
  it('is never followed by a second try: applied once, or once begun and unknown, whatever comes again', async () => {
    const plan = planOf({ services: ['web', 'api'] });
    const whole = dyingAt(Number.POSITIVE_INFINITY);
    await invoked(await begun(plan), plan, whole);
    const accesses = whole.accesses();
    expect(accesses).toBeGreaterThan(30);
    const ends = new Set<string>();
    for (let n = 0; n < accesses; n++) {
      const small = await begun(plan);
      await invoked(small, plan, dyingAt(n));
      const again = await invoked(small, plan, nothing);
      expect(isOnceEach(small.asked), `killed at access ${n}: ${small.asked.join()}`).toBe(true);
      const { status } = await closeRemediation(small.world, {
        planHash: plan.hash,
        ...(again?.next === 'verify' && { failure: { Error: 'Test' } }),
      });
      const { actions } = await small.read(plan.hash);
      const states = actions.map(({ state }) => state);
      ends.add(`${again?.next} ${status} ${states.join()}`);
      // Somebody who finds it unknown can still have it applied by nothing but a new plan.
      expect((await invoked(small, plan, nothing))?.next).toBe('close');
      expect(isOnceEach(small.asked)).toBe(true);
    }
    expect([...ends].sort()).toEqual([
      // Killed between «begun» and «done» of one of them.
      'close unknown applied,unknown',
      'close unknown unknown,pending',
      // Killed before it began, or after it was done: what comes again goes on.
      'verify failed applied,applied',
    ]);
  });

  it('leaves its calls in the record as they were made', async () => {
    const plan = planOf();
    const small = await begun(plan);
    const dying: Gate = (what) => {
      if (what === 'after apply') throw new Killed(what);
    };
    // Only what it does afterwards is killed: writing how it ended.
    await invoked(small, plan, dying);
    const { entries } = await readLog(small.state, plan.hash, { limit: 50 });
    expect(entries.map(({ kind }) => kind)).toContain('call');
  });
});

describe('two invocations of one attempt at once (fault 1)', () => {
  it('apply each action at most once in any interleaving, and what one took for unknown stays so', async () => {
    const plan = planOf({ services: ['web', 'api'] });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const small = await begun(plan);
        const gate: Gate = (what) => scheduler.schedule(Promise.resolve(), what).then(() => undefined);
        const both = Promise.all([invoked(small, plan, gate), invoked(small, plan, gate)]);
        await scheduler.waitFor(both);
        const answers = await both;
        expect(isOnceEach(small.asked), small.asked.join()).toBe(true);
        expect(small.asked[0]).toBe('1 main/web');
        // Both answers together never say that something half done is well.
        const { actions } = await small.read(plan.hash);
        if (answers.some((answer) => answer?.next === 'verify'))
          expect(actions.map(({ state }) => state)).toEqual(['applied', 'applied']);
      }),
      { numRuns: 150 },
    );
  });

  it('one of them killed anywhere: still at most once', async () => {
    const plan = planOf({ services: ['web', 'api'] });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.nat(60), async (scheduler, n) => {
        const small = await begun(plan);
        const scheduled: Gate = (what) => scheduler.schedule(Promise.resolve(), what).then(() => undefined);
        const dying = dyingAt(n);
        const mortal: Gate = async (what) => {
          await scheduled(what);
          await dying(what);
        };
        const both = Promise.all([invoked(small, plan, mortal), invoked(small, plan, scheduled)]);
        await scheduler.waitFor(both);
        await invoked(small, plan, nothing);
        expect(isOnceEach(small.asked), small.asked.join()).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

/** What happens to a step of a machine: it goes well, is delivered twice, or is killed at an access. */
type Fate =
  | { readonly kind: 'well' }
  | { readonly kind: 'twice' }
  | { readonly kind: 'killed'; readonly at: number };
const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.constant<Fate>({ kind: 'well' }),
  fc.constant<Fate>({ kind: 'twice' }),
  fc.nat(45).map((at): Fate => ({ kind: 'killed', at })),
);
const mood = fc.constantFrom<Mood>('obeys', 'refuses', 'hangs up', 'does nothing');

describe('a whole execution, as its state machine drives it', () => {
  it('tries each numbered attempt at most once, never after an unknown outcome, and always ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 12 }),
        fc.array(mood, { maxLength: 6 }),
        async (fates, moods) => {
          const plan = planOf({ services: ['web', 'api'], attempts: { max: 3, backoff: 'constant' } });
          const small = await begun(plan);
          small.moods.set('main/web', moods.slice(0, 3));
          small.moods.set('main/api', moods.slice(3));
          await execute(small, plan, [...fates]);
          expect(isOnceEach(small.asked), small.asked.join()).toBe(true);
          const { status, actions, closedAt } = await small.read(plan.hash);
          expect(closedAt).toBeDefined();
          const isUnknown = actions.some(({ state }) => state === 'unknown' || state === 'applying');
          expect(status === 'unknown').toBe(isUnknown);
          if (status === 'succeeded') expect([...small.sizes.values()].slice(0, 2)).toEqual([2, 2]);
          // Nothing was begun after the attempt whose end nobody knows.
          const unknown = actions.find(({ state }) => state === 'unknown');
          if (unknown)
            expect(small.asked.every((one) => Number(one.split(' ')[0]) <= unknown.attempt)).toBe(true);
          const escalated = [...small.published, ...(await leftToTheSweeper(small, plan))].filter(
            ({ type, detail }) => type === 'finding.changed' && 'state' in detail && detail.state === 'open',
          );
          expect(escalated.length > 0).toBe(status !== 'succeeded' && status !== 'cancelled');
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Events that a kill left in the findings that call people: the sweeper publishes them. */
const leftToTheSweeper = async (
  { state }: SmallWorld,
  { deploymentId, actions }: Plan,
): Promise<HomeostatEvent[]> => {
  const items = await Promise.all(
    actions.map(({ resource }) =>
      state.get(findingKey(findingIdOf({ ...calledFor, deploymentId, resource: resource.name }))),
    ),
  );
  return items.flatMap((item) => (item ? unsentOf(item) : []));
};

/** Gate → Apply → Verify → … → Close, with the retries that the machine has: none on Apply. */
const execute = async (small: SmallWorld, plan: Plan, fates: Fate[]): Promise<void> => {
  const step = async <A>(
    retries: number,
    work: (world: ReturnType<typeof through>) => Promise<A>,
  ): Promise<A | 'failed'> => {
    for (let tries = 0; tries <= retries; tries++) {
      const next = fates.shift() ?? { kind: 'well' };
      try {
        if (next.kind === 'twice') await work(through(small, nothing));
        const gate = dyingAt(next.kind === 'killed' ? next.at : Number.POSITIVE_INFINITY);
        const answer = await work(through(small, gate));
        // Who was killed answers nothing, even when it was killed in what it does not wait for.
        if (!gate.isDead()) return answer;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
    }
    return 'failed';
  };
  const close = async (failure?: CloseInput['failure']): Promise<void> => {
    const closed = await step(3, (world) => closeRemediation(world, { planHash: plan.hash, failure }));
    // The event of the failed execution comes until it is answered.
    if (closed === 'failed')
      await closeRemediation(small.world, { planHash: plan.hash, failure: { Error: 'FAILED' } });
  };
  let attempt = 1;
  for (;;) {
    await small.open(plan, attempt);
    const applied = await step(0, (world) => applyPlan(world, stepOf(plan, attempt)));
    if (applied === 'failed') return close({ Error: 'Lambda.Unknown', Cause: 'killed' });
    if (applied.next === 'close') return close();
    small.pass(30_000);
    const verified = await step(3, (world) =>
      verifyPlan(
        {
          ...world,
          state: { ...world.state, query: small.state.query },
          telemetry: small.telemetry,
          openPorts: () => ({}) as never,
          look: async () => undefined,
        },
        stepOf(plan, attempt),
      ),
    );
    if (verified === 'failed') return close({ Error: 'Lambda.Unknown', Cause: 'killed' });
    if (verified.next !== 'retry') return close();
    attempt = verified.nextAttempt;
    small.pass(verified.waitSeconds * 1000);
  }
};
