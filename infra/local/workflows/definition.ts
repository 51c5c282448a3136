import { AssemblyError, type LocalStack } from '../assembly.ts';
import type { ResolvedResource } from '../template/resolve.ts';
import type { Json } from '../template/template.ts';
import type { Retrier } from './retry.ts';

/** A state as Amazon States Language writes it, as far as the host itself reads it. */
export type State = {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Resource?: string;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly ResultPath?: string | null;
  readonly Parameters?: Json;
  readonly Retry?: readonly Retrier[];
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly HeartbeatSeconds?: number;
  readonly HeartbeatSecondsPath?: string;
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
};

export type Definition = {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
};

/** A state machine of the template. */
export type Machine = {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** The definition as text: executions that are under way go on by the one they began with. */
  readonly definition: string;
};

const hostedStates: readonly string[] = ['Task', 'Wait', 'Choice', 'Pass', 'Succeed', 'Fail'];

export const readMachines = (local: LocalStack): readonly Machine[] =>
  local.ofType('AWS::StepFunctions::StateMachine').map((resource) => {
    const { logicalId, properties } = resource;
    if ((properties.StateMachineType ?? 'STANDARD') !== 'STANDARD')
      throw new AssemblyError(`${logicalId}: only standard workflows are hosted on one machine`);
    const definition = definitionTextOf(resource);
    checkDefinition(logicalId, parseDefinition(definition));
    return {
      logicalId,
      name: local.attributeOf(resource, 'Name'),
      arn: local.attributeOf(resource),
      roleArn: String(properties.RoleArn),
      definition,
    };
  });

const definitionTextOf = ({ logicalId, properties }: ResolvedResource): string => {
  const { DefinitionString, Definition: object, DefinitionSubstitutions } = properties;
  const text =
    typeof DefinitionString === 'string'
      ? DefinitionString
      : object === undefined
        ? ''
        : JSON.stringify(object);
  if (text === '') throw new AssemblyError(`${logicalId}: its definition must stand in the template`);
  return Object.entries((DefinitionSubstitutions ?? {}) as Record<string, unknown>).reduce(
    (known, [name, value]) => known.replaceAll(`\${${name}}`, () => String(value)),
    text,
  );
};

/**
 * The interpreter writes the execution's start and input into `$$.Execution` by its own clock, and of one state at a
 * time: what the host knows stands beside it, under a name that the interpreter leaves alone.
 */
export const parseDefinition = (text: string): Definition =>
  JSON.parse(text.replaceAll(/\$\$\.Execution\b/g, () => '$$.Run')) as Definition;

/** What is not hosted stops the start, with the state's name. */
const checkDefinition = (logicalId: string, definition: Definition): void => {
  const refuse = (what: string): never => {
    throw new AssemblyError(`${logicalId}: ${what} is not hosted on one machine`);
  };
  if ((definition as { QueryLanguage?: string }).QueryLanguage === 'JSONata') refuse('JSONata');
  if (JSON.stringify(definition).includes('"$$"')) refuse('the whole context object ($$)');
  for (const [name, state] of Object.entries(definition.States)) {
    if (!hostedStates.includes(state.Type)) refuse(`${state.Type} (state ${name})`);
    if (state.Type === 'Task' && invocationOf(state.Resource ?? '') === undefined)
      refuse(`the task ${state.Resource} (state ${name})`);
  }
};

/** How a task calls its function, by its resource; undefined for what is not hosted. */
export const invocationOf = (resource: string): 'direct' | 'invoke' | 'invoke with token' | undefined => {
  if (/^arn:[^:]+:lambda:[^:]*:[^:]*:function:/.test(resource)) return 'direct';
  const [, integration] =
    /^arn:[^:]+:states:[^:]*:[^:]*:(lambda:invoke(?:\.waitForTaskToken)?)$/.exec(resource) ?? [];
  if (integration === undefined) return undefined;
  return integration === 'lambda:invoke' ? 'invoke' : 'invoke with token';
};
