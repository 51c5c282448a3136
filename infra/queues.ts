import type { Construct } from 'constructs';
import { contracts } from '../functions/index.ts';
import type { FunctionContract } from '../shared/platform/function/contract.ts';
import type { StackConfig } from './config.ts';
import type { Alarms } from './constructs/alarms.ts';
import { NoticeQueue, WorkQueue, type WorkQueueProps } from './constructs/queue.ts';

/** The usual wait for more of the same cause, before anyone is told. */
const groupWaitSeconds = 5;

const fourteenDaysInSeconds = 14 * 86_400;
/** Up to 120 s of delay and three runs of 70 s; later a slot is worth nothing, so a backlog dissolves by itself. */
const slotLifeSeconds = 600;
const slotsOf = (alarms: Alarms, consumer: FunctionContract): WorkQueueProps => ({
  alarms,
  consumer,
  retentionSeconds: slotLifeSeconds,
  maxReceiveCount: 3,
  whatFailed: `${consumer.name} failed three times at the same slots.`,
});

/** What a change in the registry or a status leads to must happen, be it days later. */
const consequencesOf = (alarms: Alarms, consumer: FunctionContract, whatFailed: string): WorkQueueProps => ({
  alarms,
  consumer,
  retentionSeconds: fourteenDaysInSeconds,
  maxReceiveCount: 5,
  whatFailed,
});

/** What waits between functions; each name is that of the resource and of the trigger. */
export const makeQueues = (scope: Construct, alarms: Alarms, { vpc }: Pick<StackConfig, 'vpc'>) => ({
  planChanges: new WorkQueue(
    scope,
    'PlanChanges',
    consequencesOf(alarms, contracts.projector, 'Changed checks could not be brought into the plans.'),
  ),
  signals: new WorkQueue(
    scope,
    'Signals',
    consequencesOf(alarms, contracts.evaluator, 'Rules could not be judged, or statuses not be kept.'),
  ),
  incidents: new WorkQueue(scope, 'IncidentQueue', {
    ...consequencesOf(alarms, contracts.incidents, 'Incidents could not be decided or told.'),
    firstInFirstOut: { delaySeconds: groupWaitSeconds },
  }),
  slots: new WorkQueue(scope, 'Slots', slotsOf(alarms, contracts.runner)),
  vpcSlots: vpc && new WorkQueue(scope, 'VpcSlots', slotsOf(alarms, contracts.vpcRunner)),
  undelivered: new NoticeQueue(
    scope,
    'Undelivered',
    alarms,
    'Notifications could not be delivered: see GET /api/v1/monitoring/notifications/undelivered.',
  ),
});
