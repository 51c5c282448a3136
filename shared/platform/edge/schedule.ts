import type { Context } from 'aws-lambda';
import type { FunctionContract, Needs } from '../function/contract.ts';
import type { Openers, Resources } from './resources.ts';
import { prepare, type Tools } from './tools.ts';

/** What EventBridge Scheduler sends: its context attribute `<aws.scheduler.scheduled-time>`. */
export type ScheduledTick = { readonly scheduledAt: string };

/**
 * A function started by a schedule. A scheduled time that does not parse counts as now: some emulators pass the
 * context attribute on unreplaced. Throws what `run` throws, so that the scheduler's retry and dead letter apply.
 */
export const onSchedule = <N extends Needs>(
  contract: FunctionContract<N>,
  openers: Openers<N>,
  run: (scheduledAt: number, resources: Resources<N>, tools: Tools) => Promise<void>,
) => {
  const world = prepare(contract, openers);
  return async (event: Partial<ScheduledTick>, context?: Pick<Context, 'awsRequestId'>): Promise<void> => {
    const { resources, ...tools } = world(context?.awsRequestId);
    const parsed = Date.parse(event.scheduledAt ?? '');
    await run(Number.isNaN(parsed) ? tools.clock() : parsed, resources, tools);
  };
};
