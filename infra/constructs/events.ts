import { CfnEventBus, CfnRule } from 'aws-cdk-lib/aws-events';
import { Aws } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type EventType, eventSource } from '../../shared/platform/events.ts';
import type { SingleTarget } from './permissions.ts';
import type { WorkQueue } from './queue.ts';

/** A day of trying: longer than any queue of SQS was ever unreachable, short of filling the bus's own limit of 24 h. */
const patience = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 };

/** The event bus, and who listens to it. */
export class Events extends Construct {
  readonly bus: SingleTarget;

  constructor(scope: Construct) {
    super(scope, 'Events');
    const bus = new CfnEventBus(this, 'Bus', {
      // A bus must have a name; the stack's own is unique in account and region, and begins with the prefix.
      name: Aws.STACK_NAME,
      description: 'What Homeostat tells: changed definitions and changed statuses.',
    });
    // Pinned: rules that others put on the bus would be gone with it.
    bus.overrideLogicalId('Bus');
    this.bus = { address: bus.ref, arn: bus.attrArn };
  }

  /**
   * Sends every event of some types to a queue. What the rule cannot deliver lies in the queue's own dead letters, in
   * the same form, so both are put back in the same way.
   */
  deliver(types: readonly EventType[], queue: WorkQueue): void {
    const rule = new CfnRule(this, `To${queue.node.id}`, {
      description: `${types.join(', ')}: to the queue ${queue.node.id}`,
      eventBusName: this.bus.address,
      eventPattern: { source: [eventSource], 'detail-type': types },
      targets: [
        {
          id: queue.node.id,
          arn: queue.target.arn,
          retryPolicy: patience,
          deadLetterConfig: { arn: queue.deadLetters.arn },
        },
      ],
    });
    const sender = { sid: 'EventsOfTheBus', service: 'events.amazonaws.com', sourceArn: rule.attrArn };
    queue.allow(sender);
    queue.deadLetters.allow(sender);
  }
}
