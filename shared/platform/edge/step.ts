import type { Context } from 'aws-lambda';
import type { FunctionContract, Needs } from '../function/contract.ts';
import type { Openers, Resources } from './resources.ts';
import { prepare, type Tools } from './tools.ts';

/** Which invocation of the function this is: Lambda gives each another id, also when the same input comes again. */
export type StepTools = Tools & { readonly invocationId: string };

/**
 * A step of a state machine. `parse` turns the step's input into I or throws; what `run` gives is the step's result, by
 * which the machine chooses the next, and what it throws is the machine's to catch or to retry by the name of the error.
 */
export const onStep = <N extends Needs, I, A>(
  contract: FunctionContract<N>,
  openers: Openers<N>,
  parse: (input: unknown) => I,
  run: (input: I, resources: Resources<N>, tools: StepTools) => Promise<A>,
) => {
  const world = prepare(contract, openers);
  return async (input: unknown, context?: Pick<Context, 'awsRequestId'>): Promise<A> => {
    const { resources, ...tools } = world(context?.awsRequestId);
    return run(parse(input), resources, { ...tools, invocationId: context?.awsRequestId ?? tools.newId() });
  };
};
