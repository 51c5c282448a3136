import { CfnEventBus, CfnRule, type CfnRuleProps } from 'aws-cdk-lib/aws-events';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { Aws } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type EventType, eventSource } from '../../shared/platform/events.ts';
import { type ExternalSource, externalSources } from '../external-sources.ts';
import type { HomeostatFunction } from './function.ts';
import type { SingleTarget } from './permissions.ts';
import type { DeadLetterQueue, WorkQueue } from './queue.ts';

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

  /** Sends every event of some types to a queue. */
  deliver(types: readonly EventType[], queue: WorkQueue): void {
    this.#rule(`To${queue.node.id}`, queue, {
      description: `${types.join(', ')}: to the queue ${queue.node.id}`,
      eventBusName: this.bus.address,
      eventPattern: { source: [eventSource], 'detail-type': types },
    });
  }

  /** Sends what services of AWS tell on the default bus of account and region to a queue, a rule a service. */
  deliverFromAws(sources: readonly ExternalSource[], queue: WorkQueue): void {
    for (const source of sources) {
      this.#rule(`From-${source}`, queue, {
        description: `What ${source} tells in this account: to the queue ${queue.node.id}`,
        eventPattern: externalSources[source],
      });
    }
  }

  /** Has every event of some types start a function, one event an invocation. */
  invoke(types: readonly EventType[], target: HomeostatFunction, lost: DeadLetterQueue): void {
    this.#invoking(`To${target.node.id}`, target, lost, {
      description: `${types.join(', ')}: to the function ${target.contract.name}`,
      eventBusName: this.bus.address,
      eventPattern: { source: [eventSource], 'detail-type': types },
    });
  }

  /** Has each execution of some state machines that ended badly start a function: Step Functions tells the default bus. */
  invokeWithBadEnds(
    stateMachineArns: readonly string[],
    target: HomeostatFunction,
    lost: DeadLetterQueue,
  ): void {
    this.#invoking('BadEnds', target, lost, {
      description: `Executions that failed, timed out or were aborted: to the function ${target.contract.name}`,
      eventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: stateMachineArns, status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
    });
  }

  #invoking(
    id: string,
    target: HomeostatFunction,
    lost: DeadLetterQueue,
    props: Omit<CfnRuleProps, 'targets'>,
  ): void {
    const { attrArn } = target.resource;
    const rule = new CfnRule(this, id, {
      ...props,
      targets: [
        {
          id: target.node.id,
          arn: attrArn,
          retryPolicy: patience,
          deadLetterConfig: { arn: lost.arn },
        },
      ],
    });
    new CfnPermission(this, `${id}Permission`, {
      action: 'lambda:InvokeFunction',
      functionName: attrArn,
      principal: 'events.amazonaws.com',
      sourceArn: rule.attrArn,
    });
    lost.allow({ sid: `Events${id}`, service: 'events.amazonaws.com', sourceArn: rule.attrArn });
  }

  /**
   * What a rule cannot deliver lies in the queue's own dead letters, in the same form, so both are put back in the same
   * way.
   */
  #rule(id: string, queue: WorkQueue, props: Omit<CfnRuleProps, 'targets'>): void {
    const rule = new CfnRule(this, id, {
      ...props,
      targets: [
        {
          id: queue.node.id,
          arn: queue.target.arn,
          retryPolicy: patience,
          deadLetterConfig: { arn: queue.deadLetters.arn },
        },
      ],
    });
    const sender = {
      sid: `Events${id.replace('-', '')}`,
      service: 'events.amazonaws.com',
      sourceArn: rule.attrArn,
    };
    queue.allow(sender);
    queue.deadLetters.allow(sender);
  }
}
