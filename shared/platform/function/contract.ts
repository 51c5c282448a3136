import type { EventType } from '../events.ts';
import type { ResourceName, VerbOf } from '../resources.ts';

/** `{telemetry: ['get', 'put'], bus: ['publish']}`: what a function does to which resource. */
export type Needs = { readonly [R in ResourceName]?: readonly VerbOf<R>[] };

/** Names of the settings of the stack (see `infra/config.ts`) that a function may ask for, and how they arrive. */
export const settings = {
  /** `debug | info | warn | error` */
  logLevel: 'LOG_LEVEL',
  /** Comma-separated CIDR ranges that checks may reach although they are private; empty means none. */
  allowedPrivateRanges: 'HOMEOSTAT_ALLOWED_PRIVATE_RANGES',
  /** `true` when a runner inside a VPC is deployed, so that checks may say `network: vpc`. */
  vpcRunner: 'HOMEOSTAT_VPC_RUNNER',
  /** JSON: retention in days per kind, as in the stack configuration. */
  retentionDays: 'HOMEOSTAT_RETENTION_DAYS',
  /** Interval in seconds of a check that names none. */
  defaultIntervalSeconds: 'HOMEOSTAT_DEFAULT_INTERVAL_SECONDS',
  /** Names of the secrets that checks may refer to, comma-separated; `*` for any. */
  checkSecretNames: 'HOMEOSTAT_CHECK_SECRET_NAMES',
  /** ARNs of the functions that checks may call, comma-separated; `*` for any, on one machine only. */
  teamFunctionArns: 'HOMEOSTAT_TEAM_FUNCTION_ARNS',
  /** Services that checks of the kind `resource` may ask, comma-separated: ec2, ecs, autoscaling, rds. */
  awsServices: 'HOMEOSTAT_AWS_SERVICES',
  /** host:port targets, comma-separated, that answer when the monitor's own way out works; empty: never blind. */
  canaries: 'HOMEOSTAT_CANARIES',
  /** The same from inside the VPC. */
  vpcCanaries: 'HOMEOSTAT_VPC_CANARIES',
  /** Where people reach the console and the API, without a slash at the end: what links in notifications begin with. */
  publicUrl: 'HOMEOSTAT_PUBLIC_URL',
  /** Where the distribution serves the console, without a slash at the end. */
  consoleUrl: 'HOMEOSTAT_CONSOLE_URL',
  /** ARNs of the topics that channels may name, comma-separated; `*` for any, on one machine only. */
  teamTopicArns: 'HOMEOSTAT_TEAM_TOPIC_ARNS',
  /** Addresses or domains of SES that channels may send from, comma-separated. */
  emailIdentityNames: 'HOMEOSTAT_EMAIL_IDENTITY_NAMES',
  /** Pinged each minute while all is well; may be `${secret:NAME}`. Empty: none. */
  heartbeatUrl: 'HOMEOSTAT_HEARTBEAT_URL',
  /** Kinds of actions that were opted in at deploy, comma-separated: no other is ever planned or applied. */
  actionKinds: 'HOMEOSTAT_ACTION_KINDS',
  /** JSON: on which resources each of them may be planned, by kind: {tags?, arns?}. Its role is held to the same. */
  actionScopes: 'HOMEOSTAT_ACTION_SCOPES',
  /** JSON, on one machine only: name → {restart: argv, cwd?, pidFile?}. Nothing but these is ever started. */
  processes: 'HOMEOSTAT_PROCESSES',
  /** The team's own orchestrator, told of deployment status; may be `${secret:NAME}`. Empty: none. */
  orchestratorUrl: 'HOMEOSTAT_ORCHESTRATOR_URL',
} as const;
export type SettingName = keyof typeof settings;

export type QueueName = 'slots' | 'vpcSlots' | 'planChanges' | 'signals' | 'incidents';

export type Trigger =
  /** Every minute or by another EventBridge Scheduler expression (in UTC); the event is a `ScheduledTick`. */
  | {
      readonly kind: 'schedule';
      readonly expression: string;
      /** How late a tick may still start the function; a minute when absent. */
      readonly maximumAgeSeconds?: number;
    }
  /** An SQS event source mapping with partial batch failures. Batches over 10 need a window. */
  | {
      readonly kind: 'queue';
      readonly queue: QueueName;
      readonly batchSize: number;
      readonly batchWindowSeconds?: number;
      readonly maximumConcurrency: number;
    }
  /** All routes of the route table that name this function. */
  | { readonly kind: 'routes' }
  /** Another function calls it and waits for the answer. */
  | { readonly kind: 'invoked' }
  /** A step of state machines calls it. */
  | { readonly kind: 'step' }
  /**
   * Events of the stack's own bus, one an invocation, asynchronously; and with `executions` what Step Functions tells
   * on the default bus of the stack's own executions that ended otherwise than by success.
   */
  | { readonly kind: 'events'; readonly types: readonly EventType[]; readonly executions?: true }
  /** The HTTP API's request authorizer. */
  | { readonly kind: 'authorizer' }
  /** CloudFormation calls it when the resource it stands for is made, changed or removed, and waits for its answer. */
  | { readonly kind: 'customResource' };

export type CarriedFiles = 'console';

/**
 * A function as data: what starts it, how long and how big it may be, and what it needs. `infra` deploys from it,
 * `handler.ts` is typed by it, `homeostat permissions` prints it. Import nothing but types here.
 */
export type FunctionContract<N extends Needs = Needs> = {
  readonly name: string;
  /** One sentence for the person who reads the deployment. */
  readonly purpose: string;
  readonly trigger: Trigger;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly needs: N;
  /** Why each resource is needed: printed beside the statement that grants it. */
  readonly why: { readonly [R in keyof N]: string };
  readonly settings?: readonly SettingName[];
  /** What lies beside the handler in a folder of this name: the files of the built console. */
  readonly carries?: CarriedFiles;
  /** Placed in the configured VPC and deployed only when one is configured. */
  readonly inVpc?: true;
};

export const defineFunction = <const N extends Needs>(contract: FunctionContract<N>): FunctionContract<N> =>
  contract;
