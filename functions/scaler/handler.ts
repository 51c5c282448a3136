/**
 * Trigger: every minute.
 * Promise: each active scaling rule is judged at that minute; where another count is due, a plan is kept and its workflow
 * started. Nothing is changed here. The same tick twice is the same minute: what was decided in it stays decided. A tick
 * that comes late judges the minute it was meant for; the cooldowns run from there.
 */
import { openSeries } from '../../shared/health/index.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openFunction } from '../../shared/platform/aws/function.aws.ts';
import { openWorkflows } from '../../shared/platform/aws/workflows.aws.ts';
import { onSchedule } from '../../shared/platform/edge/schedule.ts';
import { judgeScalers } from '../../shared/scaling/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

const openers = {
  state: openTable,
  telemetry: openTable,
  bus: openBus,
  planner: openFunction,
  workflows: openWorkflows,
};

export const handler = onSchedule(contract, openers, async (scheduledAt, resources, tools) => {
  const { clock, newId, place, log } = tools;
  const onTrouble = (what: string, error: Error) => log.warn(what, { error });
  const series = openSeries({ ...resources, clock });
  const world = { ...resources, series, clock, newId, place, onTrouble };
  const judged = await judgeScalers(world, scheduledAt, ({ definition: { name } }, error) =>
    log.error('a scaling rule was not judged', { name, error }),
  );
  for (const { name, reason, planHash } of judged) {
    if (planHash !== undefined) log.info(reason, { name, planHash });
  }
});
