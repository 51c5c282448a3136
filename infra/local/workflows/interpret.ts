import type { Json } from '../template/template.ts';
import type { Definition, State } from './definition.ts';

/** How a task ended. */
export type Outcome = { readonly result: Json } | Failure;
export type Failure = { readonly error: string; readonly cause: string };
/** Where one state led: to the next one, to the end (`next` undefined), or to a failure that nothing caught. */
export type Transition = { readonly next: string | undefined; readonly output: Json } | Failure;
/** The context object, what `$$.` leads to. */
export type Context = Readonly<Record<string, unknown>>;

type Machine = import('aws-local-stepfunctions').StateMachine;
type Input = Parameters<Machine['run']>[0];

/** Names that no state can have: control characters are not allowed in them. */
const start = '\u0001start';
const end = '\u0001end';

/**
 * What one state makes of its input, by aws-local-stepfunctions: paths, intrinsic functions, choices, Catch and the
 * name of the next state. It waits for nothing and calls nothing: a wait is over when this is asked, a task has its
 * `outcome`. So everything that lasts is the host's, which records it and puts it on its own clock.
 */
export const transitionOf = async (
  definition: Definition,
  name: string,
  input: Json,
  context: Context,
  outcome?: Outcome,
): Promise<Transition> => {
  const state = definition.States[name];
  if (!state) return { error: 'States.Runtime', cause: `there is no state ${name}` };
  const marker = (next: string | undefined) => (output: Input) => ({ next: next ?? null, output }) as Input;
  const names = Object.keys(definition.States);
  try {
    const ended = await run(
      {
        StartAt: start,
        States: {
          ...Object.fromEntries(names.map((other) => [other, markerState])),
          [end]: markerState,
          [start]: alone(state, outcome),
        },
      },
      input,
      context,
      {
        ...Object.fromEntries(names.map((other) => [other, marker(other)])),
        [end]: marker(undefined),
        [start]: () => settle(outcome),
      },
    );
    const { next, output } = ended as { next: string | null; output: Json };
    return { next: next ?? undefined, output };
  } catch (error) {
    return failureOf(error);
  }
};

/** What a state hands on after InputPath and `template`, which stands in the place of its Parameters. */
export const effectiveInput = async (
  { InputPath }: Pick<State, 'InputPath'>,
  template: Json | undefined,
  input: Json,
  context: Context,
): Promise<{ readonly value: Json } | Failure> => {
  const state = {
    Type: 'Pass',
    End: true,
    ...(InputPath !== undefined && { InputPath }),
    ...(template !== undefined && { Parameters: template }),
  };
  try {
    return { value: (await run({ StartAt: start, States: { [start]: state } }, input, context)) as Json };
  } catch (error) {
    return failureOf(error);
  }
};

const markerState = { Type: 'Task', Resource: 'marker', End: true };

const alone = (state: State, outcome: Outcome | undefined): object => {
  const { InputPath, OutputPath, Next, End, ...rest } = state;
  const paths = {
    ...(InputPath !== undefined && { InputPath }),
    ...(OutputPath !== undefined && { OutputPath }),
  };
  const onwards = state.Type === 'Choice' ? {} : { Next: End || Next === undefined ? end : Next };
  switch (state.Type) {
    case 'Wait':
    case 'Succeed':
      return { Type: 'Pass', ...paths, ...onwards };
    case 'Task': {
      const { Parameters, Retry, TimeoutSeconds, TimeoutSecondsPath, ResultPath, ...kept } = rest;
      return {
        ...kept,
        // The interpreter would take `$` for the name of a field; it means what leaving it out means.
        ...(ResultPath !== undefined && ResultPath !== '$' && { ResultPath }),
        ...(OutputPath !== undefined && { OutputPath }),
        ...onwards,
        // Of its own timeout only does the interpreter know that States.TaskFailed does not mean it.
        ...(isTimeout(outcome) && { TimeoutSeconds: 0.001 }),
      };
    }
    case 'Fail':
      return state;
    default:
      return { ...rest, ...paths, ...onwards };
  }
};

const isTimeout = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined && 'error' in outcome && outcome.error === 'States.Timeout';

const settle = (outcome: Outcome | undefined): Promise<Input> => {
  if (!outcome) return Promise.reject(new Error('a task has an outcome'));
  if (isTimeout(outcome)) return new Promise(() => {});
  if ('result' in outcome) return Promise.resolve(structuredClone(outcome.result) as Input);
  const error = new Error(outcome.cause);
  error.name = outcome.error;
  return Promise.reject(error);
};

const run = async (
  definition: object,
  input: Json,
  context: Context,
  taskResourceLocalHandlers: Record<string, (input: Input) => Input | Promise<Input>> = {},
): Promise<unknown> => {
  // Loaded when the first execution starts: it brings the whole Lambda client along.
  const { StateMachine } = await import('aws-local-stepfunctions');
  const machine = new StateMachine(definition as ConstructorParameters<typeof StateMachine>[0], {
    validationOptions: { noValidate: true },
  });
  return machine.run(structuredClone(input) as Input, {
    context: context as Record<string, unknown>,
    overrides: { taskResourceLocalHandlers },
  }).result;
};

/** The interpreter wraps what ended the execution. */
const failureOf = (error: unknown): Failure => {
  const cause = error instanceof Error && error.name === 'ExecutionError' ? error.cause : error;
  if (!(cause instanceof Error)) return { error: 'States.Runtime', cause: String(cause) };
  return { error: cause.name, cause: cause.message };
};
