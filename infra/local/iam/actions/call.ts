/** What the rules of every service share: the request they read and the checks they answer with. */
import type { ContextInput } from '../condition.ts';

/** One AWS request, as the gateway has parsed it. */
export type AwsCall = {
  /** The name a request is signed for: dynamodb, sqs, events, states, monitoring … */
  readonly service: string;
  /** Such as `PutItem`. */
  readonly operation: string;
  /** The operation's parameters under their SDK names. */
  readonly input: unknown;
  readonly accountId: string;
  readonly region: string;
  /** A secret's whole ARN for its name or partial ARN; IAM compares the whole one, with its random suffix. */
  readonly secretArnOf?: (secretId: string) => string | undefined;
  /** The state machine a task token belongs to, for SendTask…; without it these are checked against `*`. */
  readonly stateMachineArnOf?: (taskToken: string) => string | undefined;
};

/** The action must be allowed on each of the resources. */
export type AccessCheck = {
  readonly action: string;
  readonly resources: readonly string[];
  readonly context: ContextInput;
  /** To pass on to `evaluate`: set where an identity policy alone is not enough. */
  readonly resourcePolicyMustAllow?: true;
  /** Leave on any of the resources is enough. */
  readonly oneIsEnough?: true;
  /** The call is passed on to an account: ARNs of its own and those of the stack are the same here. */
  readonly isOutside?: true;
};

export type CallRule = (input: Input, call: AwsCall) => AccessCheck[];

/** The rules of one service; `prefix` names its actions where that is not the name it is signed for. */
export type ServiceRules = {
  readonly prefix?: string;
  readonly operations: Readonly<Record<string, CallRule>>;
};

export type Input = Readonly<Record<string, unknown>>;

export function asInput(value: unknown): Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The parameter's text; empty when it is missing, which no ARN of a policy matches. */
export function text(input: Input, name: string): string {
  const value = input[name];
  return typeof value === 'string' ? value : '';
}

export function optionalText(input: Input, name: string): string | undefined {
  return text(input, name) || undefined;
}

export function inputs(value: unknown): Input[] {
  return Array.isArray(value) ? value.map(asInput) : [];
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

export function check(
  action: string,
  resource: string | readonly string[],
  context: ContextInput = {},
): AccessCheck {
  const resources = typeof resource === 'string' ? [resource] : [...new Set(resource)];
  return { action, resources, context: definedOnly(context) };
}

function definedOnly(context: ContextInput): ContextInput {
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
}

export function arnOf(call: AwsCall, service: string, resource: string): string {
  return `arn:aws:${service}:${call.region}:${call.accountId}:${resource}`;
}

/** The name as it stands when it is an ARN already, else the ARN of that resource of the account. */
export function nameOrArn(call: AwsCall, service: string, nameOrArnText: string, kind = ''): string {
  return nameOrArnText.startsWith('arn:') ? nameOrArnText : arnOf(call, service, `${kind}${nameOrArnText}`);
}

/** Operations that need one action on one resource: the action's name is the operation's unless it is given. */
export function onResource(
  resourceOf: (input: Input, call: AwsCall) => string,
  actions: Readonly<Record<string, string>>,
): Record<string, CallRule> {
  return Object.fromEntries(
    Object.entries(actions).map(([operation, action]): [string, CallRule] => [
      operation,
      (input, call) => [check(action, resourceOf(input, call))],
    ]),
  );
}

/** `{PutItem: 'dynamodb:PutItem', …}` for operations whose action has their name. */
export function sameName(prefix: string, ...operations: string[]): Record<string, string> {
  return Object.fromEntries(operations.map((operation) => [operation, `${prefix}:${operation}`]));
}

/** For an operation AWS answers to everyone. */
export const needsNothing: CallRule = () => [];

/** A service that is handed a role needs iam:PassRole from the caller. */
export function passRole(roleArn: string | undefined, service: string): AccessCheck[] {
  return roleArn ? [check('iam:PassRole', roleArn, { 'iam:PassedToService': service })] : [];
}
