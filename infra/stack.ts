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
import { awsResources, checkSecretsAt, teamFunctions } from './constructs/opted-in.ts';
import type { ResourceTarget, ResourceTargets } from './constructs/permissions.ts';
import { feedFrom } from './constructs/poller.ts';
import { DeadLetterQueue, WorkQueue, type WorkQueueProps } from './constructs/queue.ts';
import { Schedule } from './constructs/schedule.ts';
import { Tables } from './constructs/tables.ts';
import { deployedContracts } from './deployed.ts';

const targetOf = (called: HomeostatFunction | undefined): ResourceTarget | undefined =>
  called && { address: called.resource.ref, arn: called.resource.attrArn };

const partition = <T>(
  all: readonly T[],
  belongs: (one: T) => boolean,
): readonly [readonly T[], readonly T[]] => [all.filter(belongs), all.filter((one) => !belongs(one))];

export type HomeostatProps = {
  readonly config: StackConfig;
  readonly bundles: Bundles;
  readonly routes: readonly GatewayRoute[];
};

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

/**
 *   HTTP API ─ api ──▶ state ─ outbox ─▶ bus ── check.changed, check.paced ──▶ planChanges ──▶ projector
 *      │        │        └─ sweeper ──────▲ ▲                                                     │
 *      │        └─▶ tester, vpc-tester    │ └── + check.status_changed ──▶ transitions            ▼
 *      └─ authorizer                      │                                   │             telemetry (plans)
 *                                         └────── deployment-status ◀─────────┘
 *   each minute ──▶ dispatcher ──▶ slots, vpcSlots ──▶ runner, vpc-runner ──▶ telemetry (results, heads), bus
 *   each five   ──▶ watchdog: what nobody folded or told     each hour ──▶ rollup: hours and days of telemetry
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

    const planChanges = new WorkQueue(
      this,
      'PlanChanges',
      consequencesOf(alarms, contracts.projector, 'Changed checks could not be brought into the plans.'),
    );
    const transitions = new WorkQueue(
      this,
      'Transitions',
      consequencesOf(alarms, contracts.deploymentStatus, 'The status of deployments could not be kept.'),
    );
    const slots = new WorkQueue(this, 'Slots', slotsOf(alarms, contracts.runner));
    const vpcSlots = config.vpc && new WorkQueue(this, 'VpcSlots', slotsOf(alarms, contracts.vpcRunner));
    events.deliver(['check.changed', 'check.paced'], planChanges);
    events.deliver(['check.changed', 'check.status_changed'], transitions);

    const queues: { readonly [Q in QueueName]: WorkQueue | undefined } = {
      planChanges,
      transitions,
      slots,
      vpcSlots,
    };
    const fixed: ResourceTargets = {
      state: tables.state,
      telemetry: tables.telemetry,
      bus: events.bus,
      slots: slots.target,
      vpcSlots: vpcSlots?.target,
      adminToken: makeAdminToken(this),
      checkSecrets: checkSecretsAt(`/homeostat/${this.stackName}/`, config),
      teamFunctions: teamFunctions(config),
      awsResources: awsResources(config),
    };

    const functionFor = (contract: FunctionContract, targets: ResourceTargets): HomeostatFunction => {
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
      if (trigger.kind === 'schedule') new Schedule(deployed, trigger, { config, missedTicks });
      return deployed;
    };
    // Those that others call come first, for the others need their names and ARNs.
    const [called, others] = partition(
      deployedContracts(config),
      ({ trigger }) => trigger.kind === 'invoked',
    );
    const functions = new Map(called.map((contract) => [contract.name, functionFor(contract, fixed)]));
    const targets: ResourceTargets = {
      ...fixed,
      tester: targetOf(functions.get(contracts.tester.name)),
      vpcTester: targetOf(functions.get(contracts.vpcTester.name)),
    };
    for (const contract of others) functions.set(contract.name, functionFor(contract, targets));
    const http = new HttpApi(this, { config, routes, functions });

    const output = (id: string, value: string, description: string) =>
      new CfnOutput(this, id, { value, description });
    output('ApiUrl', http.url, 'Where the API and the first page answer');
    output(
      'AdminTokenCommand',
      `aws secretsmanager get-secret-value --region ${Aws.REGION} --secret-id ${fixed.adminToken?.address} --query SecretString --output text`,
      'Prints the first admin token',
    );
    output(
      'SecretsPath',
      fixed.checkSecrets?.address ?? '',
      'SSM parameters under it are the secrets of checks',
    );
    output('BusName', events.bus.address, 'The event bus that tells of status changes');
    output('StateTableName', tables.state.address, 'What people defined');
    output('TelemetryTableName', tables.telemetry.address, 'What was seen');
  }
}
