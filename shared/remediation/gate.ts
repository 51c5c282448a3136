import { inParallel } from '../platform/in-parallel.ts';
import { ActionRefused } from './actions/action.ts';
import type { BrakeWorld } from './brake-facts.ts';
import { type BrakePorts, loadBrakeWorld } from './brake-world.ts';
import { decideBrakes } from './brakes.ts';
import { hasChanged } from './decide-close.ts';
import { decideHolds, endedAs, goesOn, lateReason, type Passed, questionOf } from './decide-gate.ts';
import { boundsOf } from './decide-limits.ts';
import { giveBackLeases, takeLeases } from './lease.ts';
import { releaseLimits, reserveLimits } from './limits.ts';
import type { Json, Plan, PlannedAction } from './plan.ts';
import { type Hold, isOver, type Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import type { GateAnswer, StepInput } from './steps.ts';
import { changeRemediation } from './store.ts';
import { imagesOvertaken, isCompared, type Overtaken, occasionOver, type Shown } from './world-changed.ts';

export type GateWorld = RemedyWorld &
  BrakePorts & {
    readonly state: BrakePorts['state'] & RemedyWorld['state'];
    /** What the action's own reading shows now. Throws `ActionRefused` when the resource is not there. */
    readonly readImage: (plan: Plan, planned: PlannedAction) => Promise<Json>;
    readonly pause?: ((milliseconds: number) => Promise<void>) | undefined;
  };

/**
 * Whether an attempt of a plan may go on: the world must be as planned, people have approved it where they must, no brake
 * holds it, limits leave room, and each resource is free. Whatever cannot be read holds. Asked again (a step may be
 * delivered twice, or be killed anywhere) it decides again and reserves nothing twice; what it reserved for an attempt
 * that does not go on it gives back, or the end of the remediation does.
 */
export const gate = async (world: GateWorld, input: StepInput): Promise<GateAnswer> => {
  const { answer } = await changeRemediation(world, input.planHash, (found, now) =>
    pass(world, found, input.attempt, now),
  );
  return answer;
};

const pass = async (world: GateWorld, found: Remediation, attempt: number, now: number): Promise<Passed> => {
  const { plan } = found;
  if (isOver(found.status)) {
    // It was cancelled, or expired, while an invocation of ours reserved for it.
    if (!hasChanged(found)) await giveBack(world, plan, attempt, now);
    return { answer: close(found.reason) };
  }
  const late = lateReason(found, attempt);
  if (late !== undefined) return { answer: close(late) };
  const brakes = await loadBrakeWorld(world, plan, { now, attempt });
  const shown = await readShown(world, plan, now);
  const overtaken = occasionOver(brakes) ?? shown.overtaken ?? imagesOvertaken(shown.images, attempt);
  if (overtaken) return endedAs(found, overtaken, now);
  const question = questionOf(found, now);
  if (question) return question;
  const holds = [...decideBrakes(brakes), ...shown.holds];
  if (holds.length > 0) return decideHolds(found, holds, now);
  const refused = await reserve(world, brakes);
  return refused.length > 0 ? decideHolds(found, refused, now) : goesOn(found, attempt);
};

const close = (reason: string): GateAnswer => ({ next: 'close', waitSeconds: 0, approvalSeconds: 0, reason });

const lookAgainMs = 60_000;

const readAtOnce = 5;

type WorldShown = {
  readonly images: readonly Shown[];
  readonly holds: readonly Hold[];
  readonly overtaken?: Overtaken;
};

/** The world as the plan's actions would find it. What cannot be read holds; what is not there any more ends the plan. */
const readShown = async ({ readImage }: GateWorld, plan: Plan, now: number): Promise<WorldShown> => {
  const images: Shown[] = [];
  const faults: { readonly name: string; readonly error: unknown }[] = [];
  const compared = plan.actions.filter((action) => isCompared(plan, action));
  await inParallel(compared, readAtOnce, async (planned) => {
    try {
      images.push({ planned, image: await readImage(plan, planned) });
    } catch (error) {
      faults.push({ name: planned.resource.name, error });
    }
  });
  const gone = faults.find(({ error }) => error instanceof ActionRefused);
  if (gone) {
    const reason = `${gone.name}: ${saidBy(gone.error)}`;
    return { images: [], holds: [], overtaken: { status: 'superseded', reason } };
  }
  const holds = faults.map(
    ({ name, error }): Hold => ({
      brake: 'unknown_status',
      reason: `Nobody knows how ${name} is now, so nothing is done: ${saidBy(error)}`,
      untilAt: now + lookAgainMs,
    }),
  );
  return { images: holds.length > 0 ? [] : images, holds };
};

const saidBy = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Limits first, then each resource; all of it or nothing. */
const reserve = async (world: GateWorld, brakes: BrakeWorld): Promise<readonly Hold[]> => {
  const { plan, attempt, now, policy, need } = brakes;
  // Decided before: what could not be read held the plan.
  if ('unreadable' in need || 'unreadable' in policy) throw new Error('limits cannot be reserved unread');
  const bounds = boundsOf(plan, policy.value?.decision);
  const hold = await reserveLimits(world, { plan, bounds, now, ...need.value });
  if (hold) return [hold];
  const taken = await takeLeases(world, { plan, attempt, now });
  // What an earlier attempt changed stays counted.
  if (taken.length > 0 && attempt === 1) await releaseLimits(world, plan, now);
  return taken;
};

const giveBack = async (world: GateWorld, plan: Plan, attempt: number, now: number): Promise<void> => {
  await giveBackLeases(world, { plan, attempt, now });
  await releaseLimits(world, plan, now);
};
