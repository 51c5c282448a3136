import type { Fleet } from '../functions/fleet.ts';
import { type FunctionError, hostStopped } from '../functions/protocol.ts';
import type { Access } from '../gateway/access.ts';
import { type Roles, roleCaller } from '../stack/roles.ts';
import type { Json } from '../template/template.ts';
import { invocationOf, type State } from './definition.ts';
import type { Execution } from './execution.ts';
import type { Outcome } from './interpret.ts';

export type TaskOptions = {
  readonly fleet: Fleet;
  readonly roles: Roles;
  readonly access: Access;
  readonly onFunctionError: (functionName: string, error: FunctionError) => void;
};

/** The function and what it is given, of a task with this effective input. */
const callOf = (state: State, input: Json): { readonly functionName: string; readonly event: unknown } => {
  const resource = state.Resource ?? '';
  if (invocationOf(resource) === 'direct') return { functionName: resource, event: input };
  const { FunctionName, Payload } = (input ?? {}) as { FunctionName?: string; Payload?: unknown };
  return { functionName: String(FunctionName), event: Payload ?? {} };
};

/**
 * Calls the function of a task with the role of the state machine. An error of the function keeps its own name, so
 * that Retry and Catch can tell errors apart. Undefined when the host stopped before the function answered: nobody
 * knows how far it came.
 */
export const callFunction = async (
  { fleet, roles, access, onFunctionError }: TaskOptions,
  execution: Execution,
  state: State,
  input: Json,
): Promise<Outcome | undefined> => {
  const { functionName, event } = callOf(state, input);
  const pool = fleet.poolOf(functionName);
  if (!pool)
    return { error: 'Lambda.ResourceNotFoundException', cause: `Function not found: ${functionName}` };
  const role = roles.all().find(({ arn }) => arn === execution.roleArn);
  if (!role) return { error: 'Lambda.AWSLambdaException', cause: `the role ${execution.roleArn} is gone` };
  const { arn } = pool.definition;
  const verdict = access.authorize(
    callerOf(role, execution.machineName),
    'lambda:InvokeFunction',
    functionName.startsWith(`${arn}:`) ? functionName : arn,
  );
  if (!verdict.allowed) return { error: 'Lambda.AWSLambdaException', cause: verdict.sentence };
  const answer = await pool.invoke(event);
  if ('error' in answer) {
    if (answer.error === hostStopped) return undefined;
    onFunctionError(pool.definition.name, answer.error);
    return { error: answer.error.errorType, cause: JSON.stringify(answer.error) };
  }
  const payload = (answer.payload === undefined ? null : JSON.parse(answer.payload)) as Json;
  const isDirect = invocationOf(state.Resource ?? '') === 'direct';
  return { result: isDirect ? payload : { ExecutedVersion: '$LATEST', Payload: payload, StatusCode: 200 } };
};

type Role = ReturnType<Roles['all']>[number];
const callers = new WeakMap<Role, ReturnType<typeof roleCaller>>();

/** One caller a role, for its decisions are remembered by it. */
const callerOf = (role: Role, machineName: string): ReturnType<typeof roleCaller> => {
  const known = callers.get(role) ?? roleCaller(role, `state machine ${machineName}`);
  callers.set(role, known);
  return known;
};
