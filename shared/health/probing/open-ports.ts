import type { AwsStates } from '../../platform/aws/aws-states.aws.ts';
import type { TeamFunctions } from '../../platform/aws/function.aws.ts';
import type { Parameters } from '../../platform/aws/parameters.aws.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Table } from '../../storage/table.ts';
import { readMembers } from '../members.ts';
import { readPings } from '../pings.ts';
import { CannotTell, TargetFailed } from './outcome.ts';
import type { Member, Ping, ProbePorts } from './ports.ts';

/** What is there to be asked; what is left out, kinds are told that they cannot ask. */
export type PortSources = {
  readonly telemetry?: Pick<Table, 'batchGet' | 'query'> | undefined;
  readonly checkSecrets?: Pick<Parameters, 'read'> | undefined;
  readonly teamFunctions?: Pick<TeamFunctions, 'arns' | 'invoke'> | undefined;
  readonly awsResources?: AwsStates | undefined;
  /** The shard that runs; its heartbeats' pings lie with it. */
  readonly shard?: string | undefined;
  /** Deployed in AWS, where no Docker runs beside us; so it is when left out. */
  readonly insideLambda?: boolean;
  /** Epoch ms. */
  readonly now: Clock;
};

/** Ports for one run: what was read once is not read again in it. */
export const openPorts = (sources: PortSources): ProbePorts => ({
  secret: (name) => readSecret(name, sources),
  members: membersOf(sources),
  lastPing: pingsOf(sources),
  invoke: (name, payload, signal) => invoke(name, payload, signal, sources.teamFunctions),
  describe: describeWith(sources),
});

/** A secret that was changed is used after so long at the latest; until then it costs one call a runner. */
const secretsKeptMs = 60_000;

type Kept = { readonly value: Promise<string | undefined>; readonly until: number };
const keptSecrets = new WeakMap<Pick<Parameters, 'read'>, Map<string, Kept>>();

const readSecret = async (name: string, { checkSecrets, now }: PortSources): Promise<string> => {
  if (!checkSecrets) throw new CannotTell('secrets cannot be read from here');
  const kept = keptSecrets.get(checkSecrets) ?? new Map<string, Kept>();
  keptSecrets.set(checkSecrets, kept);
  let found = kept.get(name);
  if (!found || found.until <= now()) {
    found = { value: checkSecrets.read(name), until: now() + secretsKeptMs };
    kept.set(name, found);
  }
  const value = await found.value.catch((error: Error) => {
    kept.delete(name);
    throw new CannotTell(`the secret ${name} could not be read: ${error.message}`);
  });
  if (value !== undefined) return value;
  kept.delete(name);
  throw new CannotTell(`there is no secret ${name}: homeostat secrets set ${name}`);
};

const membersOf = ({ telemetry, now }: PortSources): ProbePorts['members'] => {
  const asked = new Map<string, Promise<Member | undefined>>();
  return async (checkIds) => {
    if (!telemetry) throw new CannotTell('other checks cannot be asked from here');
    const missing = checkIds.filter((id) => !asked.has(id));
    if (missing.length > 0) {
      const reading = readMembers(telemetry, missing, now());
      for (const id of missing) {
        const one = reading.then((members) => members.get(id));
        one.catch(() => asked.delete(id));
        asked.set(id, one);
      }
    }
    const found = await ours('the standings of other checks', () =>
      Promise.all(checkIds.map(async (id) => [id, await asked.get(id)] as const)),
    );
    return new Map(found.flatMap(([id, member]) => (member ? [[id, member] as const] : [])));
  };
};

const pingsOf = ({ telemetry, shard }: PortSources): ProbePorts['lastPing'] => {
  let reading: Promise<ReadonlyMap<string, Ping>> | undefined;
  return async (checkId) => {
    if (!telemetry || shard === undefined) throw new CannotTell('pings cannot be read from here');
    reading ??= readPings(telemetry, shard);
    const pings = reading;
    return (await ours('pings', () => pings)).get(checkId);
  };
};

/** What fails in reading our own tables is a fault of ours. */
const ours = async <T>(what: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    throw new CannotTell(`${what} could not be read: ${(error as Error).message}`);
  }
};

const invoke = async (
  name: string,
  payload: unknown,
  signal: AbortSignal,
  teamFunctions: PortSources['teamFunctions'],
): Promise<unknown> => {
  const { arns = [] } = teamFunctions ?? {};
  // `*` is what the local host lists: whoever runs it there has the credentials there. A bare name would be one of its own.
  const isAny = arns.includes('*');
  const listed = arns.find((one) => one === name || one.split(':')[6] === name);
  const arn = listed ?? (isAny && name.startsWith('arn:') ? name : undefined);
  if (!teamFunctions || arn === undefined) {
    throw new CannotTell(
      isAny
        ? `the function ${name} is not listed in checkFunctions: give its ARN as the target`
        : `the function ${name} is not listed: add its ARN to checkFunctions of the stack's configuration and deploy again`,
    );
  }
  try {
    return await teamFunctions.invoke(arn, payload, signal);
  } catch (error) {
    const { name: kind, message } = error as Error;
    if (kind === 'FunctionFailed') throw new TargetFailed(`the function failed: ${message}`);
    throw new CannotTell(`the function ${name} could not be called: ${message}`);
  }
};

/** Most shards ask neither AWS nor Docker: what knows how is loaded when first used. */
const describeWith =
  ({ awsResources, insideLambda = true }: PortSources): ProbePorts['describe'] =>
  async (service, id, signal) => {
    const { describeResource } = await import('./describe-resource.ts');
    return describeResource({ awsResources, insideLambda })(service, id, signal);
  };
