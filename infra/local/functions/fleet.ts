import { randomBytes } from 'node:crypto';
import type { Access, Caller } from '../gateway/access.ts';
import { newAccessKeyId } from '../gateway/keys.ts';
import type { NamedFunction } from '../stack/definitions.ts';
import { type Roles, roleCaller } from '../stack/roles.ts';
import { environmentFor } from './environment.ts';
import { type LogFiles, noteworthy } from './log.ts';
import { createPool, type FunctionPool } from './pool.ts';

/** All functions of the stack, each with a pool of instances and credentials of its own. */
export type Fleet = {
  /** By short name, physical name or ARN. */
  poolOf(nameOrArn: string): FunctionPool | undefined;
  callerOf(functionName: string): Caller;
  callerByKey(accessKeyId: string): Caller | undefined;
  readonly functions: readonly NamedFunction[];
  stop(): Promise<void>;
};

export type FleetOptions = {
  readonly functions: readonly NamedFunction[];
  readonly roles: Roles;
  readonly access: Access;
  readonly region: string;
  readonly endpoint: string;
  readonly driven: SharedArrayBuffer | undefined;
  /** How many run at once, by physical name. */
  readonly concurrencyOf: (functionName: string) => number;
  readonly logFiles: LogFiles;
  readonly onNotice: (shortName: string, level: 'warn' | 'error', text: string) => void;
};

export const createFleet = (options: FleetOptions): Fleet => {
  const { functions, roles, access, region, endpoint, driven } = options;
  const pools = new Map<string, FunctionPool>();
  const callers = new Map<string, Caller>();
  const byKey = new Map<string, Caller>();

  for (const definition of functions) {
    const { name, shortName } = definition;
    const hint = `what functions/${shortName}/contract.ts says it needs becomes its role`;
    const role = roles.byArn(definition.roleArn);
    const trusted = access.mayTakeRole('lambda.amazonaws.com', role);
    if (!trusted.allowed) throw new Error(`${shortName} cannot run: ${trusted.sentence}`);
    const caller = roleCaller(role, shortName, hint);
    const credentials = {
      accessKeyId: newAccessKeyId(),
      secretAccessKey: randomBytes(30).toString('base64'),
    };
    const environment = environmentFor(definition, credentials, region, endpoint);
    callers.set(name, caller);
    byKey.set(credentials.accessKeyId, caller);
    pools.set(
      name,
      createPool(
        definition,
        options.concurrencyOf(name),
        () => {
          mayLog(access, caller, definition, region);
          return {
            data: { codeDir: definition.codeDir, handler: definition.handler, driven },
            environment,
            memoryMb: definition.memoryMb,
          };
        },
        (line) => {
          options.logFiles.append(shortName, line);
          const shown = noteworthy(line);
          if (shown) options.onNotice(shortName, shown.level === 'WARN' ? 'warn' : 'error', shown.text);
        },
      ),
    );
  }
  const nameOf = (nameOrArn: string): string => {
    const name = nameOrArn.split(':function:').at(-1)?.split(':')[0] ?? nameOrArn;
    return functions.find((known) => known.name === name || known.shortName === name)?.name ?? name;
  };
  return {
    functions,
    poolOf: (nameOrArn) => pools.get(nameOf(nameOrArn)),
    callerOf(functionName) {
      const caller = callers.get(nameOf(functionName));
      if (!caller) throw new Error(`there is no function ${functionName}`);
      return caller;
    },
    callerByKey: (accessKeyId) => byKey.get(accessKeyId),
    async stop() {
      await Promise.all([...pools.values()].map((pool) => pool.stop()));
    },
  };
};

/** Lambda opens a log stream for each instance with the function's own role; without the permission AWS would keep no line. */
const mayLog = (access: Access, caller: Caller, { logGroup }: NamedFunction, region: string): void => {
  const account =
    caller.kind === 'principal' && caller.principal.kind === 'role'
      ? (caller.principal.arn.split(':')[4] ?? '')
      : '';
  const group = `arn:aws:logs:${region}:${account}:log-group:${logGroup}`;
  access.authorize(caller, 'logs:CreateLogStream', `${group}:*`);
  access.authorize(caller, 'logs:PutLogEvents', `${group}:log-stream:local`);
};
