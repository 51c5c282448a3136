import { randomBytes } from 'node:crypto';
import type { Access, Caller } from '../gateway/access.ts';
import { newAccessKeyId } from '../gateway/keys.ts';
import type { NamedFunction } from '../stack/definitions.ts';
import { type Roles, roleCaller } from '../stack/roles.ts';
import { environmentFor } from './environment.ts';
import { type Instance, startInstance } from './instance.ts';
import { type LogFiles, noteworthy } from './log.ts';
import { createPool, type FunctionPool } from './pool.ts';

/** All functions of the stack, each with a pool of instances and credentials of its own. */
export type Fleet = {
  /** By short name, physical name or ARN. */
  poolOf(nameOrArn: string): FunctionPool | undefined;
  callerOf(functionName: string): Caller;
  /** The instance that calls with these credentials: each has its own. */
  instanceByKey(accessKeyId: string): CallingInstance | undefined;
  readonly functions: readonly NamedFunction[];
  stop(): Promise<void>;
};

export type CallingInstance = {
  readonly functionName: string;
  readonly caller: Caller;
  readonly instance: Instance;
};

/** What an instance sent before it ended may still be on its way. */
const forgetKeyAfterMs = 60_000;

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
  const byKey = new Map<string, CallingInstance>();

  const startOne = (definition: NamedFunction, caller: Caller): Instance => {
    mayLog(access, caller, definition, region);
    const accessKeyId = newAccessKeyId();
    const credentials = { accessKeyId, secretAccessKey: randomBytes(30).toString('base64') };
    const { shortName } = definition;
    const instance = startInstance({
      data: { codeDir: definition.codeDir, handler: definition.handler, driven },
      environment: environmentFor(definition, credentials, region, endpoint),
      memoryMb: definition.memoryMb,
      onLine(line) {
        options.logFiles.append(shortName, line);
        const shown = noteworthy(line);
        if (shown) options.onNotice(shortName, shown.level === 'WARN' ? 'warn' : 'error', shown.text);
      },
      onEnd: () => setTimeout(() => byKey.delete(accessKeyId), forgetKeyAfterMs).unref(),
    });
    byKey.set(accessKeyId, { functionName: shortName, caller, instance });
    return instance;
  };

  for (const definition of functions) {
    const { name, shortName } = definition;
    const hint = `what functions/${shortName}/contract.ts says it needs becomes its role`;
    const role = roles.byArn(definition.roleArn);
    const trusted = access.mayTakeRole('lambda.amazonaws.com', role);
    if (!trusted.allowed) throw new Error(`${shortName} cannot run: ${trusted.sentence}`);
    const caller = roleCaller(role, shortName, hint);
    callers.set(name, caller);
    pools.set(
      name,
      createPool(definition, options.concurrencyOf(name), () => startOne(definition, caller)),
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
    instanceByKey: (accessKeyId) => byKey.get(accessKeyId),
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
