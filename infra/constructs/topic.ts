import { CfnSubscription, CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { SingleTarget } from './permissions.ts';

/** Who besides the roles of the account may publish: a service, for this account. */
export type Publisher = {
  readonly sid: string;
  readonly service: string;
  readonly condition: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

export type SecureTopicProps = {
  /** The sender's name in e-mails of the topic. */
  readonly displayName: string;
  readonly publishers: readonly Publisher[];
  /** Subscribed by e-mail; whoever it is must confirm that first. */
  readonly email: string | undefined;
  /** Where people subscribe by themselves: with another logical id the topic, and all who subscribed, would be gone. */
  readonly logicalId?: string;
};

/** A topic that takes messages over TLS only, and from services only those that were let in. */
export class SecureTopic extends Construct {
  readonly target: SingleTarget;

  constructor(scope: Construct, id: string, { displayName, publishers, email, logicalId }: SecureTopicProps) {
    super(scope, id);
    const topic = new CfnTopic(this, 'Topic', { displayName });
    if (logicalId) topic.overrideLogicalId(logicalId);
    // A policy of our own replaces the topic's first one: what a service may do must be said again.
    new CfnTopicPolicy(this, 'TopicPolicy', {
      topics: [topic.ref],
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          ...publishers.map(({ sid, service, condition }) => ({
            Sid: sid,
            Effect: 'Allow',
            Principal: { Service: service },
            Action: 'sns:Publish',
            Resource: topic.ref,
            Condition: condition,
          })),
          {
            Sid: 'OnlyOverTls',
            Effect: 'Deny',
            Principal: '*',
            Action: 'sns:Publish',
            Resource: topic.ref,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
    if (email)
      new CfnSubscription(this, 'Email', { topicArn: topic.ref, protocol: 'email', endpoint: email });
    this.target = { address: topic.ref, arn: topic.ref };
  }
}
