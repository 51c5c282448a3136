import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { ScheduledTick } from '../../shared/platform/edge/schedule.ts';
import type { Trigger } from '../../shared/platform/function/contract.ts';
import type { StackConfig } from '../config.ts';
import { type HomeostatFunction, tickAgeSeconds } from './function.ts';
import type { DeadLetterQueue } from './queue.ts';
import { makeRole } from './role.ts';

export type ScheduleProps = {
  readonly config: StackConfig;
  readonly missedTicks: DeadLetterQueue;
};

/** Scheduler puts the instant it meant in place of this, so a late tick still knows its minute. */
const input: ScheduledTick = { scheduledAt: '<aws.scheduler.scheduled-time>' };

/** An EventBridge Scheduler schedule that starts one function, with a role that can do nothing else. */
export class Schedule extends Construct {
  constructor(
    deployed: HomeostatFunction,
    trigger: Extract<Trigger, { kind: 'schedule' }>,
    { config, missedTicks }: ScheduleProps,
  ) {
    super(deployed, 'Schedule');
    const { contract } = deployed;
    const { expression } = trigger;
    const functionArn = deployed.resource.attrArn;
    const role = makeRole(this, 'Role', {
      config,
      takenBy: 'scheduler.amazonaws.com',
      purpose: `Starts ${contract.name} at ${expression}.`,
      grants: [
        {
          sid: 'StartFunction',
          actions: ['lambda:InvokeFunction'],
          resource: functionArn,
          why: `starts ${contract.name} at its time`,
        },
        {
          sid: 'MissedTick',
          actions: ['sqs:SendMessage'],
          resource: missedTicks.arn,
          why: 'puts a tick that could not be delivered into the dead-letter queue of missed ticks',
        },
      ],
    });
    new CfnSchedule(this, 'Resource', {
      description: contract.purpose,
      scheduleExpression: expression,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: functionArn,
        roleArn: role.attrArn,
        input: JSON.stringify(input),
        retryPolicy: { maximumEventAgeInSeconds: tickAgeSeconds(trigger), maximumRetryAttempts: 5 },
        deadLetterConfig: { arn: missedTicks.arn },
      },
    });
  }
}
