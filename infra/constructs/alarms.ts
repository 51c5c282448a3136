import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Aws } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StackConfig } from '../config.ts';
import { SecureTopic } from './topic.ts';

/** Where Homeostat tells that something in itself went wrong: one topic, and the address from the configuration. */
export class Alarms extends SecureTopic {
  constructor(scope: Construct, { alertEmail }: Pick<StackConfig, 'alertEmail'>) {
    super(scope, 'Alarms', {
      displayName: 'Homeostat alarms',
      publishers: [
        {
          sid: 'AlarmsOfThisAccount',
          service: 'cloudwatch.amazonaws.com',
          condition: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
        },
      ],
      email: alertEmail,
    });
  }

  /** Alarms as soon as anything lies in a queue, until it is empty again. */
  whenNotEmpty(scope: Construct, id: string, queueName: string, description: string): void {
    new CfnAlarm(scope, id, {
      alarmDescription: description,
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensions: [{ name: 'QueueName', value: queueName }],
      statistic: 'Maximum',
      period: 300,
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      treatMissingData: 'notBreaching',
      alarmActions: [this.target.arn],
      okActions: [this.target.arn],
    });
  }
}
