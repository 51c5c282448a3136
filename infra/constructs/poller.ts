import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Trigger } from '../../shared/platform/function/contract.ts';
import type { HomeostatFunction } from './function.ts';
import type { WorkQueue } from './queue.ts';

/**
 * Lambda's poller between a queue and its function. The bound on concurrency is the poller's own, not reserved
 * concurrency: that would take from an account whose whole quota may be ten.
 */
export const feedFrom = (
  queue: WorkQueue,
  target: HomeostatFunction,
  trigger: Extract<Trigger, { kind: 'queue' }>,
): void => {
  new CfnEventSourceMapping(target, 'Poller', {
    eventSourceArn: queue.target.arn,
    functionName: target.resource.ref,
    batchSize: trigger.batchSize,
    // Of a queue that is first in, first out Lambda gathers no batch over time.
    maximumBatchingWindowInSeconds: queue.isFirstInFirstOut ? undefined : trigger.batchWindowSeconds,
    scalingConfig: { maximumConcurrency: trigger.maximumConcurrency },
    functionResponseTypes: ['ReportBatchItemFailures'],
  });
};
