import { devNull } from 'node:os';
import { settings } from '../../../shared/platform/function/contract.ts';
import type { NamedFunction } from '../stack/definitions.ts';

export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** What a program needs to be found and to feel at home; nothing in it is secret. */
const ofThisMachine = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TMPDIR', 'SystemRoot'] as const;

/** Only for a function that restarts processes of this machine: they are started as whoever started the host would. */
const machineEnvironment = (
  { environment }: NamedFunction,
  machine: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> => {
  const isEmpty = ['', '{}'].includes(environment[settings.processes] ?? '');
  if (isEmpty) return {};
  return Object.fromEntries(
    ofThisMachine.flatMap((name) => (machine[name] === undefined ? [] : [[name, machine[name]]])),
  );
};

/**
 * What a function sees: the template's variables and those that Lambda sets, nothing of this machine but what
 * starting its processes needs. The SDK's configuration files are pointed at nothing, so that a developer's own profile
 * changes no function.
 */
export const environmentFor = (
  definition: NamedFunction,
  credentials: Credentials,
  region: string,
  endpoint: string,
): Readonly<Record<string, string>> => ({
  ...machineEnvironment(definition, process.env),
  ...definition.environment,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_ENDPOINT_URL: endpoint,
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: definition.name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
  AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
  ...(definition.logLevel !== undefined && {
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_LEVEL: definition.logLevel,
  }),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  LAMBDA_TASK_ROOT: definition.codeDir,
  _HANDLER: definition.handler,
  TZ: ':UTC',
});
