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
] as const satisfies readonly ResourceName[];
export type OptionalResource = (typeof optionalResources)[number];
