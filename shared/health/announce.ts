import type { OutgoingMessage } from '../platform/aws/queue.aws.ts';
import { queueOf } from './dispatch.ts';
import { freshMessage, slotMessage } from './message.ts';
import { activeCount, type Plan } from './plan.ts';
import type { ProjectTools } from './project.ts';
import { listShard, readListed } from './shard-list.ts';
import { slotsBetween, windowOfStart } from './slots.ts';

/**
 * Lists each plan for the dispatcher and has these checks looked at now. A shard that just got its first active
 * check also gets the slots that the last tick did not know to send; it is listed after they were sent, so that a
 * crash between only sends them again.
 */
export const announce = async (
  checkIds: readonly string[],
  plans: ReadonlyMap<string, Plan>,
  tools: ProjectTools,
): Promise<void> => {
  const changed = new Set(checkIds);
  await Promise.all(
    [...plans.values()]
      .filter((plan) => plan.planVersion > 0)
      .map(async (plan) => {
        const { until } = await start(plan, tools);
        await listShard(tools.telemetry, plan);
        if (until !== undefined) await sendSlots(plan, until, tools);
        await lookAt(plan, changed, tools);
      }),
  );
};

/** Until when the slots were sent; undefined when the dispatcher knows the shard already, or needs not. */
const start = async (plan: Plan, tools: ProjectTools): Promise<{ until: number | undefined }> => {
  if (activeCount(plan) === 0) return { until: undefined };
  const listed = await readListed(tools.telemetry, plan.shard);
  return listed && listed.active > 0
    ? { until: undefined }
    : { until: await sendSlots(plan, tools.clock(), tools) };
};

/** Sends the slots from `from` until the end of the next minute. A tick may pass meanwhile: then more are due. */
const sendSlots = async (plan: Plan, from: number, tools: ProjectTools): Promise<number> => {
  const now = tools.clock();
  const { until } = windowOfStart(now);
  const slots = slotsBetween(plan.shard, from, until);
  await send(
    plan,
    slots.map((slot) => slotMessage(plan.shard, slot, plan.planVersion, now)),
    tools,
  );
  return until;
};

const lookAt = async (plan: Plan, changed: ReadonlySet<string>, tools: ProjectTools): Promise<void> => {
  const fresh = plan.entries.filter((entry) => changed.has(entry.id) && !entry.paused && !entry.leaving);
  if (fresh.length > 0) {
    await send(plan, [freshMessage(plan.shard, plan.planVersion, fresh, tools.clock())], tools);
  }
};

const send = async (plan: Plan, messages: readonly OutgoingMessage[], tools: ProjectTools): Promise<void> => {
  const queue = queueOf(plan.shard, tools);
  if (!queue)
    tools.warn('checks wait for a runner inside a VPC, and none is deployed', { shard: plan.shard });
  else if (messages.length > 0) await queue.send(messages);
};
