import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnSubscription, CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import { Aws } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { StackConfig } from '../config.ts';

/** Where Homeostat tells that something in itself went wrong: one topic, and the address from the configuration. */
export class Alarms extends Construct {
  readonly #topic: CfnTopic;

  constructor(scope: Construct, config: Pick<StackConfig, 'alertEmail'>) {
    super(scope, 'Alarms');
    this.#topic = new CfnTopic(this, 'Topic', { displayName: 'Homeostat alarms' });
    // A policy of our own replaces the topic's first one, so it must say again that CloudWatch may publish.
    new CfnTopicPolicy(this, 'TopicPolicy', {
      topics: [this.#topic.ref],
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AlarmsOfThisAccount',
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: this.#topic.ref,
            Condition: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
          },
          {
            Sid: 'OnlyOverTls',
            Effect: 'Deny',
            Principal: '*',
            Action: 'sns:Publish',
            Resource: this.#topic.ref,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
    if (config.alertEmail) {
      new CfnSubscription(this, 'Email', {
        topicArn: this.#topic.ref,
        protocol: 'email',
        endpoint: config.alertEmail,
      });
    }
  }

  /** Alarms as soon as anything lies in a dead-letter queue, until it is empty again. */
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
      alarmActions: [this.#topic.ref],
      okActions: [this.#topic.ref],
    });
  }
}
