import { Aws, CfnOutput, Stack, Tags } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { contracts } from '../functions/index.ts';
import type { EventType } from '../shared/platform/events.ts';
import type { FunctionContract } from '../shared/platform/function/contract.ts';
import type { StackConfig } from './config.ts';
import { Alarms } from './constructs/alarms.ts';
import type { Bundles } from './constructs/bundle.ts';
import { Console } from './constructs/console.ts';
import { Events } from './constructs/events.ts';
import { HomeostatFunction } from './constructs/function.ts';
import { makeAdminToken, makeLinkKey } from './constructs/generated-secrets.ts';
import { type GatewayRoute, HttpApi } from './constructs/http-api.ts';
import {
  awsResources,
  checkSecretsAt,
  emailIdentities,
  teamFunctions,
  teamTopics,
} from './constructs/opted-in.ts';
import type { ResourceTarget, ResourceTargets } from './constructs/permissions.ts';
import { feedFrom } from './constructs/poller.ts';
import { DeadLetterQueue, type WorkQueue } from './constructs/queue.ts';
import { Schedule } from './constructs/schedule.ts';
import { Tables } from './constructs/tables.ts';
import { SecureTopic } from './constructs/topic.ts';
import { deployedContracts } from './deployed.ts';
import { makeQueues } from './queues.ts';
import { Remediation } from './remediation.ts';

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

/** What the evaluator is told of the stack's own bus. */
const signalTypes = [
  'check.changed',
  'check.status_changed',
  'monitor.blind',
  'rule.changed',
  'finding.changed',
  'remediation.changed',
  'alert.state_changed',
  'audit.recorded',
] as const satisfies readonly EventType[];

/**
 *   distribution ─ console files ◀── console-files ◀── CloudFormation
 *      │
 *   HTTP API ─ api ──▶ state ─ outbox ─▶ bus ── check.changed, check.paced ──▶ planChanges ──▶ projector ──▶ telemetry (plans)
 *      │        │        └─ sweeper ──────▲ └── what rules listen to ──▶ signals ──▶ evaluator ──▶ state (alerts), bus
 *      │        └─▶ tester, vpc-tester      default bus of AWS ────────────▲              │
 *      └─ authorizer                                                                      ▼
 *                         channels, alertTopic, bus ◀── incidents ◀── queue `incidents`, in order, 5 s late ◀── api
 *   each minute ──▶ dispatcher ──▶ slots, vpcSlots ──▶ runner, vpc-runner ──▶ telemetry (results, heads), bus
 *               │       └──▶ signals: rules by time
 *               └─▶ notifier ──▶ signals, `incidents`: what is due; channels: again; undelivered; a sign of life
 *   bus, and executions that ended badly ──▶ responder ──▶ planner ──▶ AWS, reading      responder, api ──▶ workflows
 *   workflows ──▶ remedy-gate, -approval, -apply, -verify, -close ──▶ state           remedy-apply ──▶ a role an action
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
    const http = new HttpApi(this);
    const webConsole = new Console(this, { config, apiDomainName: http.domainName });
    const alertTopic = new SecureTopic(this, 'Alerts', {
      displayName: 'Homeostat alerts',
      publishers: [],
      email: config.alertEmail,
      logicalId: 'AlertTopic',
    });
    const missedTicks = new DeadLetterQueue(
      this,
      'MissedTicks',
      alarms,
      'Scheduled runs failed or never began.',
    );
    const lostEvents = new DeadLetterQueue(
      this,
      'LostEvents',
      alarms,
      'What was found could not be responded to, or a workflow not be gone on with.',
    );
    const remediation = new Remediation(this, config);

    const queues = makeQueues(this, alarms, config);
    events.deliver(['check.changed', 'check.paced'], queues.planChanges);
    events.deliver(signalTypes, queues.signals);
    events.deliverFromAws(config.externalSources, queues.signals);

    const fixed: ResourceTargets = {
      state: tables.state,
      telemetry: tables.telemetry,
      bus: events.bus,
      slots: queues.slots.target,
      vpcSlots: queues.vpcSlots?.target,
      signals: queues.signals.target,
      incidents: queues.incidents.target,
      undelivered: queues.undelivered.target,
      alertTopic: alertTopic.target,
      teamTopics: teamTopics(config),
      emailIdentities: emailIdentities(config),
      linkKey: makeLinkKey(this),
      adminToken: makeAdminToken(this),
      checkSecrets: checkSecretsAt(`/homeostat/${this.stackName}/`, config),
      teamFunctions: teamFunctions(config),
      awsResources: awsResources(config),
      consoleFiles: webConsole.files.target,
      ...remediation.targets,
    };

    const functionFor = (contract: FunctionContract, targets: ResourceTargets): HomeostatFunction => {
      const { trigger } = contract;
      const bundle = bundles[contract.name];
      if (!bundle) throw new Error(`there is no bundle of ${contract.name}`);
      const feed: WorkQueue | undefined = trigger.kind === 'queue' ? queues[trigger.queue] : undefined;
      const deployed = new HomeostatFunction(this, {
        contract,
        config,
        bundle,
        targets,
        publicUrl: config.publicUrl ?? webConsole.url,
        consoleUrl: webConsole.url,
        ownQueueArn: feed?.target.arn,
        missedTicksArn: trigger.kind === 'schedule' ? missedTicks.arn : undefined,
        lostEventsArn: trigger.kind === 'events' ? lostEvents.arn : undefined,
      });
      if (trigger.kind === 'queue' && feed) feedFrom(feed, deployed, trigger);
      if (trigger.kind === 'schedule') new Schedule(deployed, trigger, { config, missedTicks });
      if (trigger.kind === 'events') {
        events.invoke(trigger.types, deployed, lostEvents);
        if (trigger.executions) events.invokeWithBadEnds(remediation.stateMachineArns, deployed, lostEvents);
      }
      if (trigger.kind === 'customResource') webConsole.files.fillBy(deployed, bundle.hash);
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
      planner: targetOf(functions.get(contracts.planner.name)),
      tester: targetOf(functions.get(contracts.tester.name)),
      vpcTester: targetOf(functions.get(contracts.vpcTester.name)),
    };
    for (const contract of others) functions.set(contract.name, functionFor(contract, targets));
    remediation.complete(functions);
    http.serve({ config, routes, functions });

    const output = (id: string, value: string, description: string) =>
      new CfnOutput(this, id, { value, description });
    output('ConsoleUrl', webConsole.url, 'Where the console, the API and the status pages answer');
    output('ApiUrl', http.url, 'Where the API answers without the distribution before it');
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
    output('AlertTopicArn', alertTopic.target.arn, 'Subscribe e-mail addresses and phones to it');
    output('StateTableName', tables.state.address, 'What people defined');
    output('TelemetryTableName', tables.telemetry.address, 'What was seen');
  }
}
