import * as z from 'zod';
import { allowedIntervalSeconds, isAllowedInterval } from '../../../shared/platform/intervals.ts';
import { actionsVariable, processesVariable } from './actions.ts';

/** One variable: how it is read, and the line of `--help`. */
type Variable = { readonly schema: z.ZodType; readonly help: string; readonly default?: string };

const milliseconds = z.coerce
  .number({ error: 'must be a number of milliseconds' })
  .int()
  .min(1000, { error: 'must be at least 1000 (milliseconds)' });
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional();
const text = z.string().optional();

/** Names that an older service of this kind used, kept so that its configuration goes on working. */
const checkInterval = milliseconds.refine((ms) => isAllowedInterval(ms / 1000), {
  error: `must be one of ${allowedIntervalSeconds.map((seconds) => seconds * 1000).join(', ')} (milliseconds)`,
});

export const variables = {
  PORT: {
    schema: z.coerce
      .number({ error: 'must be a port, 0 to 65535' })
      .int()
      .min(0)
      .max(65_535, { error: 'must be a port, 0 to 65535' }),
    default: '3007',
    help: 'port of the console and the HTTP API',
  },
  HOST: {
    schema: z.string(),
    default: '127.0.0.1',
    help: 'address to listen on; 0.0.0.0 lets other machines in',
  },
  HOMEOSTAT_CONFIG: {
    schema: z.string(),
    default: './homeostat.yaml',
    help: 'what to watch; read at start and applied again when it changes',
  },
  HOMEOSTAT_DATA: { schema: z.string(), default: './.homeostat', help: 'folder for everything that is kept' },
  HOMEOSTAT_TOKEN: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{40,512}$/, {
        error:
          'must have 40 to 512 printable characters without spaces, such as what `openssl rand -hex 24` prints',
      })
      .refine((token) => !token.startsWith('hst_'), {
        error: 'must not begin with hst_: tokens of that form are kept in the registry',
      })
      .optional(),
    help: 'admin token to use instead of the generated one',
  },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' }),
    default: 'warn',
    help: 'what functions log: debug, info, warn or error',
  },
  HEALTH_CHECK_INTERVAL: {
    schema: checkInterval,
    default: '60000',
    help: 'milliseconds between two looks of a check that says nothing',
  },
  ALERT_EMAIL: {
    schema: z.email({ error: 'must be an e-mail address' }).optional(),
    help: 'the channel email: where alerts and alarms of Homeostat itself go; on one machine they are shown here instead',
  },
  SLACK_WEBHOOK_URL: { schema: url, help: 'the channel slack: a Slack incoming webhook that alerts go to' },
  ALERT_WEBHOOK_URL: {
    schema: url,
    help: 'the channel webhook: where alerts are posted, as Alertmanager posts them',
  },
  HOMEOSTAT_PUBLIC_URL: {
    schema: url,
    help: 'where people reach this machine: what links in notifications begin with',
  },
  HOMEOSTAT_HEARTBEAT_URL: {
    schema: url,
    help: 'pinged each minute while all is well, so that somebody outside notices when it is not',
  },
  DRIFT_CHECK_INTERVAL: {
    schema: milliseconds,
    default: '300000',
    help: 'milliseconds between two drift checks',
  },
  COST_CHECK_INTERVAL: {
    schema: milliseconds,
    default: '3600000',
    help: 'milliseconds between two cost checks',
  },
  ORCHESTRATOR_URL: {
    schema: url,
    help: 'your own orchestrator: told, signed, of status and version of each deployment',
  },
  HOMEOSTAT_ACTIONS: {
    schema: actionsVariable,
    help: 'actions in AWS that policies may use here, such as ec2-reboot,ecs-redeploy, or JSON with tags and ARNs; without it none',
  },
  HOMEOSTAT_PROCESSES: {
    schema: processesVariable,
    help: 'processes here that remedies may restart, by a command that comes back by itself: {"web": {"restart": ["systemctl", "--user", "restart", "web"], "pidFile": "/run/web.pid"}}',
  },
  IAC_GENERATOR_URL: { schema: url, help: 'the generator that knows the desired state' },
  AWS_ACCESS_KEY_ID: { schema: text, help: 'credentials of an AWS account, with the two below' },
  AWS_SECRET_ACCESS_KEY: { schema: text, help: '' },
  AWS_SESSION_TOKEN: { schema: text, help: '' },
  AWS_PROFILE: { schema: text, help: 'or a profile of ~/.aws' },
  AWS_REGION: { schema: text, help: 'the region of that account' },
  AWS_ENDPOINT_URL: { schema: url, help: 'asked in place of AWS itself' },
  AZURE_TENANT_ID: { schema: text, help: 'credentials of an Azure account, with the three below' },
  AZURE_CLIENT_ID: { schema: text, help: '' },
  AZURE_CLIENT_SECRET: { schema: text, help: '' },
  AZURE_SUBSCRIPTION_ID: { schema: text, help: '' },
} as const satisfies Record<string, Variable>;

type Name = keyof typeof variables;

/** Read and judged, so that a mistake shows now; what uses them comes with later versions. */
export const unusedYet: readonly Name[] = [
  'DRIFT_CHECK_INTERVAL',
  'COST_CHECK_INTERVAL',
  'IAC_GENERATOR_URL',
  'AZURE_TENANT_ID',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'AZURE_SUBSCRIPTION_ID',
];

export type Settings = { readonly [N in Name]: z.output<(typeof variables)[N]['schema']> };

/** A variable cannot be used; the message is one line that names it and says what it must be. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

type Environment = Readonly<Record<string, string | undefined>>;

const given = (environment: Environment, name: string): string | undefined => {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
};

/** Reads all variables; an empty one counts as not set. Throws EnvironmentError. */
export const readSettings = (environment: Environment): Settings => {
  const settings: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries<Variable>(variables)) {
    const parsed = variable.schema.safeParse(given(environment, name) ?? variable.default);
    if (!parsed.success) {
      // A secret must not come back on the terminal.
      throw new EnvironmentError(`${name} ${parsed.error.issues[0]?.message ?? 'cannot be used'}`);
    }
    settings[name] = parsed.data;
  }
  return settings as Settings;
};

/** True sentences about variables that are set and change nothing here. */
export const notices = (environment: Environment): readonly string[] => {
  const set = (name: string) => given(environment, name) !== undefined;
  const unneeded = Object.keys(environment).filter(
    (name) => (name === 'DATABASE_URL' || name.startsWith('REDIS_')) && set(name),
  );
  const unused = unusedYet.filter(set);
  return [
    ...(unneeded.length > 0 ? [`${unneeded.join(', ')}: not needed, Homeostat keeps its data itself`] : []),
    ...(unused.length > 0
      ? [`${unused.join(', ')}: read, nothing uses ${unused.length === 1 ? 'it' : 'them'} yet`]
      : []),
    ...(set('ALERT_EMAIL')
      ? ['ALERT_EMAIL: e-mail is not delivered on one machine, alerts and alarms are shown here instead']
      : []),
  ];
};

export const helpText = (): string => {
  const line = (name: string, help: string, otherwise?: string) =>
    `  ${name.padEnd(24)}${help}${otherwise === undefined ? '' : ` (${otherwise})`}`.trimEnd();
  const used = Object.entries<Variable>(variables).filter(([name]) => !unusedYet.includes(name as Name));
  const unused = Object.entries<Variable>(variables).filter(([name]) => unusedYet.includes(name as Name));
  return [
    'npm start                   runs Homeostat whole on this machine',
    'npm start -- --help         shows this',
    '',
    'By environment, with what is taken when it is not set:',
    ...used.map(([name, variable]) => line(name, variable.help, variable.default)),
    '',
    'Read and judged, but nothing uses them yet:',
    ...unused.map(([name, variable]) => line(name, variable.help, variable.default)),
    '',
    'Not needed: DATABASE_URL, REDIS_*; Homeostat keeps its data itself.',
  ].join('\n');
};
