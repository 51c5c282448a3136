import { isIP } from 'node:net';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { SettingName } from '../platform/function/contract.ts';
import type { CheckDefinition } from './check.ts';
import { parseRanges, refusalOf } from './probing/guard.ts';
import { type ResourceService, resourceServices } from './probing/resource-services.ts';
import { secretNamesIn } from './probing/secret-references.ts';

/** What the stack was configured with, as far as it decides what a check may say. */
export type CheckSettings = {
  readonly defaultIntervalSeconds: number;
  /** Whether a runner inside a VPC is deployed. */
  readonly vpcRunner: boolean;
  /** CIDR ranges that checks may reach although they are not public. */
  readonly allowedPrivateRanges: ReturnType<typeof parseRanges>;
  /** Deployed in AWS: loopback is the runner's own there, whatever is allowed. */
  readonly insideLambda?: boolean;
  /** Secrets that checks may name; `*` for any. */
  readonly checkSecretNames: readonly string[];
  /** Functions that checks of the kind lambda may call; `*` for any. */
  readonly teamFunctionArns: readonly string[];
  /** Services that checks of the kind resource may ask; `*` for any. */
  readonly awsServices: readonly string[];
  /** Judging a file: what only the stack that it goes to can know is left to that. */
  readonly isWithoutStack?: boolean;
};

const settingNames = [
  'defaultIntervalSeconds',
  'vpcRunner',
  'allowedPrivateRanges',
  'checkSecretNames',
  'teamFunctionArns',
  'awsServices',
] as const satisfies readonly SettingName[];
export type CheckSettingName = (typeof settingNames)[number];

export const checkSettingsFrom = (
  setting: (name: CheckSettingName) => string,
  insideLambda = false,
): CheckSettings => ({
  defaultIntervalSeconds: Number(setting('defaultIntervalSeconds')) || 60,
  vpcRunner: setting('vpcRunner') === 'true',
  allowedPrivateRanges: parseRanges(setting('allowedPrivateRanges')),
  insideLambda,
  checkSecretNames: listIn(setting('checkSecretNames')),
  teamFunctionArns: listIn(setting('teamFunctionArns')),
  awsServices: listIn(setting('awsServices')),
});

const listIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);

/**
 * A target that is an address literal which no probe may reach is refused when it is saved; names are judged by
 * every probe.
 */
export const requireReachable = (target: string, settings: CheckSettings): void => {
  const { allowedPrivateRanges, insideLambda = false } = settings;
  const url = target.includes('://') ? target : `tcp://${target}`;
  // Only http URLs turn every spelling of an address (hex, octal, one number) into the address it means.
  const asHttp = url.replace(/^[a-z0-9+.-]+:\/\//i, 'http://');
  const host = URL.canParse(asHttp) ? new URL(asHttp).hostname.replace(/^\[|\]$/g, '') : '';
  const refusal =
    isIP(host) === 0 ? undefined : refusalOf(host, { allowedPrivateRanges, insideLambda, insideVpc: true });
  if (refusal !== undefined) {
    throw new DomainError('HEALTH_CHECK_ERROR', 'The target may not be probed.', [
      { path: 'target', message: `${refusal}.` },
    ]);
  }
};

const isListed = (list: readonly string[], name: string): boolean =>
  list.includes('*') || list.includes(name);

/** What was not listed when the stack was deployed, each with what to do. */
export const permissionFaults = (definition: CheckDefinition, settings: CheckSettings): FieldFault[] => [
  ...secretFaults(definition.config, settings),
  ...kindFaults(definition, settings),
];

/** Each text of a config with its path, such as `config.headers.authorization` or `config.steps[0].body`. */
export const textsIn = (value: unknown, path: string): readonly (readonly [string, string])[] => {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((one, index) => textsIn(one, `${path}[${index}]`));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, one]) => textsIn(one, `${path}.${name}`));
};

const wellFormed = /\$\{secret:[A-Za-z0-9_.-]{1,64}\}/g;

/** References that are not well formed, or name a secret that was not listed. */
export const secretFaults = (
  config: CheckDefinition['config'],
  settings: Pick<CheckSettings, 'checkSecretNames'>,
): FieldFault[] =>
  textsIn(config, 'config').flatMap(([path, text]): FieldFault[] => {
    if (text.replaceAll(wellFormed, '').includes(`\${secret:`)) {
      return [
        {
          path,
          message: `Write \${secret:NAME} with 1 to 64 letters, digits, dots, underscores or hyphens.`,
        },
      ];
    }
    return [...secretNamesIn(text)]
      .filter((name) => !isListed(settings.checkSecretNames, name))
      .map((name) => ({
        path,
        message: `This stack was not deployed with the secret ${name}: add it to \`secrets\` in the stack's configuration and deploy, then set it with homeostat secrets set ${name}.`,
      }));
  });

const kindFaults = ({ type, target, config }: CheckDefinition, settings: CheckSettings): FieldFault[] => {
  if (type === 'lambda') return functionFaults(target, settings);
  return type === 'resource' ? serviceFaults(String(config.service), settings) : [];
};

/** A function is named by its ARN, or by the name in one that is listed. */
const functionFaults = (
  target: string,
  { teamFunctionArns, isWithoutStack }: CheckSettings,
): FieldFault[] => {
  const isNamed = teamFunctionArns.some((arn) => arn === target || arn.split(':')[6] === target);
  if (isNamed || isWithoutStack) return [];
  const path = 'target';
  // Where no list says whose it is, a bare name would mean one of this stack's own functions.
  if (teamFunctionArns.includes('*')) {
    const message = `Give the function's ARN, such as arn:aws:lambda:eu-central-1:111122223333:function:${target}: by its name alone one is found only among those listed in \`checkFunctions\`.`;
    return target.startsWith('arn:') ? [] : [{ path, message }];
  }
  const message = `This stack was not deployed with the function ${target}: add its ARN to \`checkFunctions\` in the stack's configuration and deploy.`;
  return [{ path, message }];
};

const serviceFaults = (kind: string, { awsServices, insideLambda }: CheckSettings): FieldFault[] => {
  const path = 'config.service';
  const service = Object.hasOwn(resourceServices, kind)
    ? resourceServices[kind as ResourceService]
    : undefined;
  if (service === undefined) {
    return insideLambda
      ? [{ path, message: 'Containers of Docker can be asked on one machine only: choose another service.' }]
      : [];
  }
  if (isListed(awsServices, service)) return [];
  const message = `This stack may not ask ${service}: add it to \`awsServices\` in the stack's configuration and deploy.`;
  return [{ path, message }];
};
