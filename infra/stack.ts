import { Aws, CfnOutput, Stack, Tags } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { contracts } from '../functions/index.ts';
import type { FunctionContract, QueueName } from '../shared/platform/function/contract.ts';
import type { StackConfig } from './config.ts';
import { makeAdminToken } from './constructs/admin-token.ts';
import { Alarms } from './constructs/alarms.ts';
import type { Bundles } from './constructs/bundle.ts';
import { Events } from './constructs/events.ts';
import { HomeostatFunction } from './constructs/function.ts';
import { type GatewayRoute, HttpApi } from './constructs/http-api.ts';
import type { ResourceTargets } from './constructs/permissions.ts';
import { feedFrom } from './constructs/poller.ts';
import { DeadLetterQueue, WorkQueue } from './constructs/queue.ts';
import { Schedule } from './constructs/schedule.ts';
import { Tables } from './constructs/tables.ts';
import { deployedContracts } from './deployed.ts';

export type HomeostatProps = {
  readonly config: StackConfig;
  readonly bundles: Bundles;
  readonly routes: readonly GatewayRoute[];
};

const fourteenDaysInSeconds = 14 * 86_400;
/** Up to 120 s of delay and three runs of 70 s; later a slot is worth nothing, so a backlog dissolves by itself. */
const slotLifeSeconds = 600;

/**
 *   HTTP API ── api ── state ── outbox ──▶ bus ── check.changed ──▶ planChanges ──▶ projector ──▶ telemetry
 *      └─ authorizer     └─ sweeper ───────▲ ▲                                                    (plans)
 *                                            └───────── check.status_changed ─────────┐
 *   each minute ──▶ dispatcher ──▶ slots, vpcSlots ──▶ runner, vpc-runner ────────────┴──▶ telemetry
 *                                                                                          (results, heads)
 */
export class HomeostatStack extends Stack {
  constructor(scope: Construct, { config, bundles, routes }: HomeostatProps) {
    super(scope, config.namePrefix ? `${config.namePrefix}-Homeostat` : 'Homeostat', {
      description: 'Homeostat: watches what a team runs.',
      analyticsReporting: false,
    });
    for (const [key, value] of Object.entries(config.tags)) Tags.of(this).add(key, value);

    const alarms = new Alarms(this, config);
    const tables = new Tables(this, config);
    const events = new Events(this);
    const missedTicks = new DeadLetterQueue(
      this,
      'MissedTicks',
      alarms,
      'Scheduled runs failed or never began.',
    );

    const planChanges = new WorkQueue(this, 'PlanChanges', {
      alarms,
      consumer: contracts.projector,
      retentionSeconds: fourteenDaysInSeconds,
      maxReceiveCount: 5,
      whatFailed: 'Changed checks could not be brought into the plans.',
    });
    const slotQueue = (id: string, consumer: FunctionContract): WorkQueue =>
      new WorkQueue(this, id, {
        alarms,
        consumer,
        retentionSeconds: slotLifeSeconds,
        maxReceiveCount: 3,
        whatFailed: `${consumer.name} failed three times at the same slots.`,
      });
    const slots = slotQueue('Slots', contracts.runner);
    const vpcSlots = config.vpc ? slotQueue('VpcSlots', contracts.vpcRunner) : undefined;
    events.deliver('check.changed', planChanges);

    const queues: { readonly [Q in QueueName]: WorkQueue | undefined } = { planChanges, slots, vpcSlots };
    const targets: ResourceTargets = {
      state: tables.state,
      telemetry: tables.telemetry,
      bus: events.bus,
      slots: slots.target,
      vpcSlots: vpcSlots?.target,
      adminToken: makeAdminToken(this),
    };

    const functionFor = (contract: FunctionContract): HomeostatFunction => {
      const { trigger } = contract;
      const bundle = bundles[contract.name];
      if (!bundle) throw new Error(`there is no bundle of ${contract.name}`);
      const feed = trigger.kind === 'queue' ? queues[trigger.queue] : undefined;
      const deployed = new HomeostatFunction(this, {
        contract,
        config,
        bundle,
        targets,
        ownQueueArn: feed?.target.arn,
        missedTicksArn: trigger.kind === 'schedule' ? missedTicks.arn : undefined,
      });
      if (trigger.kind === 'queue' && feed) feedFrom(feed, deployed, trigger);
      if (trigger.kind === 'schedule') new Schedule(deployed, trigger.expression, { config, missedTicks });
      return deployed;
    };
    const functions = new Map(
      deployedContracts(config).map((contract) => [contract.name, functionFor(contract)]),
    );
    const http = new HttpApi(this, { config, routes, functions });

    const output = (id: string, value: string, description: string) =>
      new CfnOutput(this, id, { value, description });
    output('ApiUrl', http.url, 'Where the API and the first page answer');
    output(
      'AdminTokenCommand',
      `aws secretsmanager get-secret-value --region ${Aws.REGION} --secret-id ${targets.adminToken?.address} --query SecretString --output text`,
      'Prints the first admin token',
    );
    output('BusName', events.bus.address, 'The event bus that tells of status changes');
    output('StateTableName', tables.state.address, 'What people defined');
    output('TelemetryTableName', tables.telemetry.address, 'What was seen');
  }
}
