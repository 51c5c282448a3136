import { readFileSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { actionKinds } from '../shared/platform/action-kinds.ts';
import { allowedIntervalSeconds, isAllowedInterval } from '../shared/platform/intervals.ts';
import { actions, processes, scopeKeys } from './action-fields.ts';
import {
  canary,
  domain,
  emailIdentity,
  externalSource,
  functionArn,
  listOf,
  logDays,
  mostItemsBeside,
  publicCanaries,
  publicUrl,
  ranges,
  secretName,
  service,
  topicArn,
  urlOrSecret,
} from './config-fields.ts';
import { externalSourceNames } from './external-sources.ts';

const schema = z.strictObject({
  /** Where alerts go by e-mail, and alarms of Homeostat itself. Without it their topics have no subscriber. */
  alertEmail: z.email({ error: 'must be an e-mail address' }).optional(),
  /** Days until stored things expire; log groups take only the days that CloudWatch Logs knows. */
  retentionDays: z
    .strictObject({
      results: z
        .int()
        .min(1, { error: 'must be 1 to 30 days' })
        .max(30, { error: 'must be 1 to 30 days' })
        .default(3),
      /** Alerts that were, incidents, and who wrote what. */
      alertEvents: z
        .int()
        .min(1, { error: 'must be 1 to 400 days' })
        .max(400, { error: 'must be 1 to 400 days' })
        .default(90),
      systemLogs: logDays(14),
      accessLogs: logDays(14),
    })
    .prefault({}),
  /** Private address ranges that checks may reach all the same. */
  allowedPrivateRanges: ranges.default([]),
  /**
   * A second runner inside a VPC, for checks that say `network: vpc`. The subnets need a way to DynamoDB,
   * EventBridge, CloudWatch Logs and, for secrets, SSM: a NAT gateway or VPC endpoints.
   */
  vpc: z
    .strictObject({
      subnetIds: z
        .array(
          z.string().regex(/^subnet-[0-9a-f]+$/, { error: 'must be a subnet id such as subnet-0a1b2c3d' }),
        )
        .min(1, { error: 'must name at least one subnet' }),
      securityGroupIds: z
        .array(
          z.string().regex(/^sg-[0-9a-f]+$/, { error: 'must be a security group id such as sg-0a1b2c3d' }),
        )
        .min(1, { error: 'must name at least one security group' }),
    })
    .optional(),
  /**
   * Names of the secrets that checks may refer to, each an SSM parameter under `/homeostat/<stack name>/`; the runner
   * may read these and no others. `*` is all under that path.
   */
  secrets: listOf(secretName, 'secrets; say * for all under the path').default([]),
  /** ARNs of the functions that checks of the kind `lambda` may call; `*` (any) on one machine only. */
  checkFunctions: listOf(functionArn, 'functions').default([]),
  /** Services that checks of the kind `resource` may ask: their Describe calls are allowed. */
  awsServices: listOf(service, 'services').default([]),
  /** ARNs of topics of the team's own that channels of the type `sns` may name; `*` (any) on one machine only. */
  topics: listOf(topicArn, 'topics', mostItemsBeside).default([]),
  /**
   * Addresses or domains, verified in SES in this account and region, that channels of the type `email` may send from;
   * `*` (any) on one machine only.
   */
  emailIdentities: listOf(emailIdentity, 'identities', mostItemsBeside).default([]),
  /** Services of AWS whose alarms and findings rules of the type `external` may listen to. */
  externalSources: listOf(externalSource, 'sources').default([...externalSourceNames]),
  /** A name of the team's own for the console, the API and the status pages. Without it, the distribution's name in AWS. */
  domain: domain.optional(),
  /** What links in notifications begin with, when people come by another way than `domain` or the distribution's name. */
  publicUrl: publicUrl.optional(),
  /** Pinged each minute while Homeostat is well, so that somebody outside notices when it is not. */
  heartbeatUrl: urlOrSecret.optional(),
  /**
   * Which kinds of actions remediation may do, and on what: each gets a role of its own that can do that and no more. Without
   * it Homeostat only watches, and has no permission to change anything.
   */
  actions: actions.default({}),
  /** What process-restart may start, on one machine only: name → command. */
  processes: processes.default({}),
  /** The team's own orchestrator: told of deployments' status and version, signed. */
  orchestratorUrl: urlOrSecret.optional(),
  /**
   * host:port targets that tell a runner which sees everything fail whether it is blind itself. They are connected to
   * only then. An empty list switches that off.
   */
  canaries: listOf(canary, 'canaries').default(publicCanaries),
  /** The same for the runner inside the VPC: something there that is always up. */
  vpcCanaries: listOf(canary, 'canaries').default([]),
  /** What becomes of the tables when the stack is deleted. */
  tableRemovalPolicy: z.enum(['retain', 'destroy'], { error: 'must be retain or destroy' }).default('retain'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
    .default('warn'),
  /** Interval of a check that names none. */
  defaultIntervalSeconds: z
    .int()
    .refine(isAllowedInterval, { error: `must be one of ${allowedIntervalSeconds.join(', ')} (seconds)` })
    .default(60),
  /** Stands before the name of the stack, and so before the name of everything in it, roles too. */
  namePrefix: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,29}$/, {
      error: 'must be 1 to 30 letters, digits and hyphens, the first one a letter',
    })
    .optional(),
  permissionsBoundaryArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/, {
      error: 'must be the ARN of an IAM policy such as arn:aws:iam::111122223333:policy/boundary',
    })
    .optional(),
  /** The IAM path of every role. */
  rolePath: z
    .string()
    .regex(/^\/([\w+=,.@-]+\/)*$/, { error: 'must begin and end with a slash, such as /monitoring/' })
    .default('/'),
  /** On everything that can carry tags. */
  tags: z
    .record(
      z.string().regex(/^(?!aws:).{1,128}$/, {
        error: 'must have keys of 1 to 128 characters that do not begin with aws:',
      }),
      z.string().max(256, { error: 'must be at most 256 characters' }),
    )
    .default({}),
});

/** Values that may be `${secret:NAME}`: a secret that nothing may read can be none. */
const secretly = ['heartbeatUrl', 'orchestratorUrl'] as const;

const complete = schema.superRefine((config, context) => {
  for (const key of secretly) {
    const name = /^\$\{secret:(.+)\}$/.exec(config[key] ?? '')?.[1];
    if (name === undefined || config.secrets.includes('*') || config.secrets.includes(name)) continue;
    const message = 'names a secret that secrets does not list; add its name there';
    context.addIssue({ code: 'custom', path: [key], message });
  }
});

/** The configuration of one stack, complete: every default filled in. */
export type StackConfig = z.infer<typeof schema>;
export type StackConfigInput = z.input<typeof schema>;

/** The configuration is not usable; the message names the key and says what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const contextName = 'homeostat';

const known = ([first, ...rest]: readonly PropertyKey[]): string => {
  if (first === 'actions') return (rest.length === 0 ? actionKinds : scopeKeys).join(', ');
  const inner = first === 'retentionDays' ? schema.shape.retentionDays.unwrap() : undefined;
  return Object.keys((inner ?? schema).shape).join(', ');
};

const sentenceOf = (issue: z.core.$ZodIssue): string => {
  const key = [contextName, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((name) => `${key}.${name}`).join(', ');
    return `${names}: there is no such key; known are ${known(issue.path)}`;
  }
  if (issue.code === 'invalid_key') return `${key}: ${issue.issues[0]?.message ?? issue.message}`;
  if (issue.code === 'invalid_type') return `${key}: must be ${issue.expected}`;
  return `${key}: ${issue.message}`;
};

/** Checks a configuration and fills in the defaults; throws a ConfigError that names every key at fault. */
export const parseConfig = (input: unknown = {}): StackConfig => {
  const parsed = complete.safeParse(input);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map((issue) => `  ${sentenceOf(issue)}`);
  throw new ConfigError(
    `The configuration of the stack is not valid:\n${sentences.join('\n')}\n` +
      `Correct it in cdk.json under context.${contextName}, or on the command line as -c ${contextName}.<key>=<value>.`,
  );
};

const readValue = (text: unknown): unknown => {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const withValueAt = (
  target: Readonly<Record<string, unknown>>,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> => {
  const inner = target[first];
  return {
    ...target,
    [first]: rest.length === 0 ? value : withValueAt(isRecord(inner) ? inner : {}, rest, value),
  };
};

/** Inside Lambda these are the function's own runtime interface and credentials: no target is there. */
const ownRanges = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '::/127', '::ffff:0:0/96', 'fe80::/10'].map(
  (range) => ipaddr.parseCIDR(range),
);

/** Two ranges share addresses when the wider one holds the start of the narrower. */
const touchesOwn = (range: string): boolean => {
  const [address, bits] = ipaddr.parseCIDR(range);
  return ownRanges.some(
    ([own, ownBits]) => own.kind() === address.kind() && address.match(own, Math.min(bits, ownBits)),
  );
};

/** Lists in which a host on one machine takes `*`, and what a deployed stack would open with it. */
const wildcards = {
  checkFunctions:
    'a check could then call any function of the account. List the ARNs of those that checks may call.',
  topics:
    'a channel could then tell any topic of the account. List the ARNs of those that channels may name.',
  emailIdentities:
    'a channel could then send in the name of anybody. List the addresses and domains it may send from.',
} as const;

/** What only a host on one machine may be told. */
const refuseLocalOnly = (config: StackConfig): StackConfig => {
  const own = config.allowedPrivateRanges.filter(touchesOwn);
  if (own.length > 0) {
    throw new ConfigError(
      `${contextName}.allowedPrivateRanges: ${own.join(', ')} can never be allowed in a deployed stack, ` +
        'for it holds addresses that inside Lambda are the function itself. Take it out of the list.',
    );
  }
  for (const [key, why] of Object.entries(wildcards)) {
    if (config[key as keyof typeof wildcards].includes('*'))
      throw new ConfigError(`${contextName}.${key}: * can never be allowed in a deployed stack, for ${why}`);
  }
  for (const [kind, { arns = [] }] of Object.entries(config.actions)) {
    if (arns.includes('*'))
      throw new ConfigError(
        `${contextName}.actions.${kind}.arns: * can never be allowed in a deployed stack, for it could then change ` +
          'anything of the account. List ARNs or say tags.',
      );
  }
  if (Object.keys(config.processes).length > 0 || 'process-restart' in config.actions)
    throw new ConfigError(
      `${contextName}.${Object.keys(config.processes).length > 0 ? 'processes' : 'actions.process-restart'}: ` +
        'there are no processes of yours in a deployed stack; this is for one machine. Take it out.',
    );
  for (const key of ['publicUrl', 'heartbeatUrl', 'orchestratorUrl'] as const) {
    if (config[key]?.startsWith('http://'))
      throw new ConfigError(
        `${contextName}.${key}: must begin with https:// in a deployed stack, for whoever reads along could use it.`,
      );
  }
  return config;
};

/**
 * The configuration of a deployment from CDK context: the object `homeostat` (cdk.json), over it each
 * `-c homeostat.<key>=<value>`, where a value may be JSON.
 */
export const configFromContext = (context: Readonly<Record<string, unknown>>): StackConfig => {
  const whole = readValue(context[contextName] ?? {});
  let input: unknown = whole;
  for (const [key, value] of Object.entries(context)) {
    if (!key.startsWith(`${contextName}.`)) continue;
    const path = key.slice(contextName.length + 1).split('.');
    input = withValueAt(isRecord(input) ? input : {}, path, readValue(value));
  }
  return refuseLocalOnly(parseConfig(input));
};

/** The context of cdk.json: our own object and CDK's feature flags, which decide the template as much as code does. */
export const projectContext = (cdkJson: string | URL): Record<string, unknown> => {
  const parsed: unknown = JSON.parse(readFileSync(cdkJson, 'utf8'));
  return isRecord(parsed) && isRecord(parsed.context) ? parsed.context : {};
};
