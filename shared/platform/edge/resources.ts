import type { Table } from '../../storage/table.ts';
import type { AwsReads } from '../aws/aws-reads.ts';
import type { AwsStates } from '../aws/aws-states.aws.ts';
import type { Bus } from '../aws/bus.aws.ts';
import type { EmailIdentities } from '../aws/email.aws.ts';
import type { Files } from '../aws/files.aws.ts';
import type { FunctionClient, TeamFunctions } from '../aws/function.aws.ts';
import type { Parameters } from '../aws/parameters.aws.ts';
import type { Queue } from '../aws/queue.aws.ts';
import type { ActionRoles } from '../aws/roles.aws.ts';
import type { Secret } from '../aws/secret.aws.ts';
import type { TeamTopics, Topic } from '../aws/topic.aws.ts';
import type { Workflows } from '../aws/workflows.aws.ts';
import type { Clock } from '../clock.ts';
import type { FunctionContract, Needs } from '../function/contract.ts';
import {
  environmentNameOf,
  type KindOf,
  type OptionalResource,
  optionalResources,
  type ResourceName,
} from '../resources.ts';

type Clients = {
  table: Table;
  bus: Bus;
  queue: Queue;
  secret: Secret;
  parameters: Parameters;
  function: FunctionClient;
  functions: TeamFunctions;
  awsStates: AwsStates;
  topic: Topic;
  topics: TeamTopics;
  emails: EmailIdentities;
  stateMachines: Workflows;
  roles: ActionRoles;
  awsReads: AwsReads;
  files: Files;
};
type ClientOf<R extends ResourceName> = Clients[KindOf<R>];
/** What may be asked stands beside what asks. */
type Listed = 'address' | 'arns' | 'services' | 'names' | 'kinds';
type Narrowed<R extends ResourceName, V> = Pick<ClientOf<R>, Extract<V | Listed, keyof ClientOf<R>>>;

/** Exactly what the contract declares: each resource narrowed to its declared verbs. */
export type Resources<N extends Needs> = {
  readonly [R in keyof N & ResourceName]: NonNullable<N[R]> extends readonly (infer V)[]
    ? R extends OptionalResource
      ? Narrowed<R, V> | undefined
      : Narrowed<R, V>
    : never;
};

/** One opener a resource, named by the handler so that a bundle carries only the SDK clients it uses. */
export type Openers<N extends Needs> = {
  readonly [R in keyof N & ResourceName]: (address: string, clock: Clock) => ClientOf<R>;
};

/** Opens what the contract needs from the addresses that the construct put into the environment. */
export const openResources = <N extends Needs>(
  contract: FunctionContract<N>,
  openers: Openers<N>,
  environment: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Resources<N> => {
  const opened: Record<string, unknown> = {};
  for (const resource of Object.keys(contract.needs) as (keyof N & ResourceName)[]) {
    const address = environment[environmentNameOf(resource)];
    if (address) opened[resource] = openers[resource](address, clock);
    else if (!(optionalResources as readonly string[]).includes(resource)) {
      throw new Error(`${contract.name} needs ${environmentNameOf(resource)} in its environment`);
    }
  }
  return opened as Resources<N>;
};
