import { CfnQueue, CfnQueuePolicy, type CfnQueueProps } from 'aws-cdk-lib/aws-sqs';
import { Lazy, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { FunctionContract } from '../../shared/platform/function/contract.ts';
import type { Alarms } from './alarms.ts';
import type { SingleTarget } from './permissions.ts';

const days = 86_400;
/** The longest that SQS keeps a message: time for a person to look. */
const deadLetterRetentionSeconds = 14 * days;

/** First in, first out by group, and groups beside one another: a busy one does not hold up the rest. */
const firstInFirstOut = {
  fifoQueue: true,
  // Who sends names each message: two equal ones minutes apart are two.
  contentBasedDeduplication: false,
  deduplicationScope: 'messageGroup',
  fifoThroughputLimit: 'perMessageGroupId',
} as const satisfies CfnQueueProps;

/** Two periods of the alarm, so that none falls between them. */
const noticeRetentionSeconds = 600;

/** Who besides the roles of the account may send: a service, on behalf of one resource. */
export type Sender = { readonly sid: string; readonly service: string; readonly sourceArn: string };

const policyDocument = (queue: CfnQueue, senders: readonly Sender[]) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'OnlyOverTls',
      Effect: 'Deny',
      Principal: '*',
      Action: 'sqs:*',
      Resource: queue.attrArn,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    ...senders.map(({ sid, service, sourceArn }) => ({
      Sid: sid,
      Effect: 'Allow',
      Principal: { Service: service },
      Action: 'sqs:SendMessage',
      Resource: queue.attrArn,
      Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
    })),
  ],
});

/** An encrypted queue that takes messages over TLS only, and from services only those that were let in. */
class SecureQueue extends Construct {
  readonly queue: CfnQueue;
  readonly #senders: Sender[] = [];

  constructor(scope: Construct, id: string, props: CfnQueueProps) {
    super(scope, id);
    this.queue = new CfnQueue(this, 'Resource', { ...props, sqsManagedSseEnabled: true });
    new CfnQueuePolicy(this, 'Policy', {
      queues: [this.queue.ref],
      // A sender is often made after its queue, for it names the queue as its target.
      policyDocument: Lazy.any({ produce: () => policyDocument(this.queue, this.#senders) }),
    });
  }

  /** Lets a service send. */
  allow(sender: Sender): void {
    this.#senders.push(sender);
  }
}

/** A queue that nothing reads: what could not be done lies here until a person looks, and an alarm says so. */
export class DeadLetterQueue extends SecureQueue {
  readonly arn: string;

  /** @param kind the dead letters of a queue that is first in, first out must be so themselves */
  constructor(
    scope: Construct,
    id: string,
    alarms: Alarms,
    whatLiesHere: string,
    kind: 'standard' | 'firstInFirstOut' = 'standard',
  ) {
    super(scope, id, {
      messageRetentionPeriod: deadLetterRetentionSeconds,
      ...(kind === 'firstInFirstOut' ? firstInFirstOut : {}),
    });
    this.arn = this.queue.attrArn;
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself where messages end that could not be delivered or done, whoever sends them here.',
    });
    alarms.whenNotEmpty(this, 'Alarm', this.queue.attrQueueName, whatLiesHere);
  }
}

/**
 * A queue that nothing reads and that forgets soon: a message in it raises an alarm, which ends by itself some minutes
 * after the last one. What it speaks of is kept elsewhere.
 */
export class NoticeQueue extends SecureQueue {
  readonly target: SingleTarget;

  constructor(scope: Construct, id: string, alarms: Alarms, whatItSays: string) {
    super(scope, id, { messageRetentionPeriod: noticeRetentionSeconds });
    this.target = { address: this.queue.ref, arn: this.queue.attrArn };
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'Nothing reads it: its messages only raise an alarm and go by themselves.',
    });
    alarms.whenNotEmpty(this, 'Alarm', this.queue.attrQueueName, whatItSays);
  }
}

export type WorkQueueProps = {
  readonly alarms: Alarms;
  /** The function that the queue feeds. */
  readonly consumer: FunctionContract;
  /** How often a message is tried before it goes to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** How long a message is worth anything. */
  readonly retentionSeconds: number;
  /** For the alarm: what lies in the dead-letter queue. */
  readonly whatFailed: string;
  /** First in, first out by group, each message this much delayed: there SQS delays the whole queue or nothing. */
  readonly firstInFirstOut?: { readonly delaySeconds: number };
};

/**
 * Longer than the consumer can run, so that a message never comes again while its first run still works: ten
 * seconds for Lambda to take it and give it back, and the time in which Lambda gathers a batch.
 */
const visibilitySeconds = ({ timeoutSeconds, trigger }: FunctionContract): number =>
  timeoutSeconds + 10 + (trigger.kind === 'queue' ? (trigger.batchWindowSeconds ?? 0) : 0);

/** A queue that feeds one function, with its dead-letter queue and the alarm on it. */
export class WorkQueue extends SecureQueue {
  readonly target: SingleTarget;
  readonly deadLetters: DeadLetterQueue;
  readonly isFirstInFirstOut: boolean;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    const { firstInFirstOut: ordered } = props;
    const deadLetters = new DeadLetterQueue(
      scope,
      `${id}Dead`,
      props.alarms,
      props.whatFailed,
      ordered ? 'firstInFirstOut' : 'standard',
    );
    super(scope, id, {
      visibilityTimeout: visibilitySeconds(props.consumer),
      messageRetentionPeriod: props.retentionSeconds,
      redrivePolicy: { deadLetterTargetArn: deadLetters.arn, maxReceiveCount: props.maxReceiveCount },
      ...(ordered ? { ...firstInFirstOut, delaySeconds: ordered.delaySeconds } : {}),
    });
    this.deadLetters = deadLetters;
    this.isFirstInFirstOut = ordered !== undefined;
    this.target = { address: this.queue.ref, arn: this.queue.attrArn };
  }
}
