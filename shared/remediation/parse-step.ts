import type { ApprovalInput, CloseInput, StepInput } from './steps.ts';

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** Throws for what a state machine of ours never gives. */
export const parseStepInput = (input: unknown): StepInput => {
  const { planHash, attempt, execution } = fieldsOf(input);
  if (typeof planHash !== 'string' || !/^[0-9a-f]{64}$/.test(planHash))
    throw new Error('the step was given no hash of a plan');
  if (typeof attempt !== 'number' || !Number.isInteger(attempt) || attempt < 1)
    throw new Error('the step was given no number of an attempt');
  if (typeof execution !== 'string') throw new Error('the step was not told its execution');
  return { planHash, attempt, execution };
};

export const parseApprovalInput = (input: unknown): ApprovalInput => {
  const { taskToken } = fieldsOf(input);
  if (typeof taskToken !== 'string' || taskToken === '') throw new Error('the step was given no task token');
  return { ...parseStepInput(input), taskToken };
};

/** `failure` is what the machine caught, as it caught it. */
export const parseCloseInput = (input: unknown): CloseInput => {
  const { failure } = fieldsOf(input);
  if (failure === undefined || failure === null) return parseStepInput(input);
  const { Error: name, Cause: cause } = fieldsOf(failure);
  return {
    ...parseStepInput(input),
    failure: {
      ...(typeof name === 'string' && { Error: name }),
      ...(typeof cause === 'string' && { Cause: cause }),
    },
  };
};

/** A verification, or with the phase `release` a look at a release. */
export const parseVerifyInput = (input: unknown): StepInput & { readonly phase?: 'release' } => {
  const { phase } = fieldsOf(input);
  if (phase !== undefined && phase !== 'release')
    throw new Error(`the step was given the unknown phase ${String(phase)}`);
  return { ...parseStepInput(input), ...(phase !== undefined && { phase }) };
};
