/**
 * What functions may name in their needs, and what can be done to each kind. The one construct in `infra` turns
 * a verb into exact IAM actions; `edge/resources.ts` turns it into a method of the same name.
 */
export type ResourceVerbs = {
  table: 'get' | 'batchGet' | 'query' | 'queryDue' | 'put' | 'update' | 'delete';
  bus: 'publish';
  queue: 'send';
  secret: 'read';
  /** Secrets by name that checks refer to: SSM parameters under one path. `list` tells names, never values. */
  parameters: 'read' | 'list';
  /** A function of this stack. */
  function: 'invoke';
  /** Functions of the team's own, listed at deploy. */
  functions: 'invoke';
  /** Services of AWS whose Describe calls were opted in at deploy. */
  awsStates: 'describe';
  /** A topic of this stack. */
  topic: 'publish';
  /** Topics of the team's own, listed at deploy. */
  topics: 'publish';
  /** Verified identities of SES that were opted in at deploy: `sendEmail` from their addresses. */
  emails: 'sendEmail';
  /** The state machines of the stack: `answer` completes a step that waits for a person. */
  stateMachines: 'start' | 'stop' | 'answer';
  /** One role a kind of action, each taken with a session policy that names the plan's own resources. */
  roles: 'assume';
  /** Read calls about what the actions that were opted in at deploy would change. */
  awsReads: 'read';
  /** The files of a bucket. */
  files: 'put' | 'list' | 'delete';
};
export type ResourceKind = keyof ResourceVerbs;

export const resources = {
  /** The registry: what people defined. Point-in-time recovery. */
  state: 'table',
  /** What was seen: plans, heads, results. Everything in it can be rebuilt or expires. */
  telemetry: 'table',
  bus: 'bus',
  /** Slots of checks with public targets, for the runner. */
  slots: 'queue',
  /** Slots of checks with private targets, for the runner inside the VPC. Only there when a VPC is configured. */
  vpcSlots: 'queue',
  /** What must be judged: events of the bus, rule shards every 30 s, alarms of AWS, timers that are due. */
  signals: 'queue',
  /** First in, first out by incident group: whose incident is to be decided anew. */
  incidents: 'queue',
  /** Says that something could not be delivered; nothing reads it, an alarm looks at it. */
  undelivered: 'queue',
  /** Where alerts go by e-mail and SMS subscriptions. */
  alertTopic: 'topic',
  /** Topics of the team that channels may name. Only there when some are listed. */
  teamTopics: 'topics',
  /** Identities of SES that channels may send from. Only there when some are listed. */
  emailIdentities: 'emails',
  /** Signs the links in notifications, generated at deploy. */
  linkKey: 'secret',
  /** The first admin token, generated at deploy. */
  adminToken: 'secret',
  /** What checks mean by `${secret:NAME}`. */
  checkSecrets: 'parameters',
  /** Tries a definition that is not saved, with public targets. */
  tester: 'function',
  /** The same from inside the VPC. Only there when a VPC is configured. */
  vpcTester: 'function',
  /** Functions that checks of the kind `lambda` may call. Only there when some are listed. */
  teamFunctions: 'functions',
  /** What checks of the kind `resource` may ask AWS about. Only there when opted in. */
  awsResources: 'awsStates',
  /** The workflows of remediation, by name. */
  workflows: 'stateMachines',
  /** Makes plans: reads the world, changes nothing. */
  planner: 'function',
  /** Roles of the kinds of actions that were opted in. Only there when some were. */
  actionRoles: 'roles',
  /** What plans and verifications read of AWS. Only there when actions of AWS were opted in. */
  actionTargets: 'awsReads',
  /** The bucket from which the distribution serves the console. */
  consoleFiles: 'files',
} as const satisfies Record<string, ResourceKind>;

export type ResourceName = keyof typeof resources;
export type KindOf<R extends ResourceName> = (typeof resources)[R];
export type VerbOf<R extends ResourceName> = ResourceVerbs[KindOf<R>];

/** `vpcSlots` → `HOMEOSTAT_VPC_SLOTS`: table name, bus name, queue URL or secret ARN by kind. */
export const environmentNameOf = (resource: ResourceName): string =>
  `HOMEOSTAT_${resource.replace(/([A-Z])/g, '_$1').toUpperCase()}`;

/** Resources that a deployment may leave out; functions see `undefined` in their place. */
export const optionalResources = [
  'vpcSlots',
  'vpcTester',
  'teamFunctions',
  'awsResources',
  'teamTopics',
  'emailIdentities',
  'actionRoles',
  'actionTargets',
] as const satisfies readonly ResourceName[];
export type OptionalResource = (typeof optionalResources)[number];
