import type { Context } from 'aws-lambda';
import type { FunctionContract, Needs } from '../function/contract.ts';
import type { Openers, Resources } from './resources.ts';
import { prepare, type Tools } from './tools.ts';

/**
 * A function that another one calls and waits for. `parse` turns the payload into M or throws; what `run` gives is the
 * answer, and what it throws is the caller's to handle.
 */
export const onInvoke = <N extends Needs, M, A>(
  contract: FunctionContract<N>,
  openers: Openers<N>,
  parse: (payload: unknown) => M,
  run: (message: M, resources: Resources<N>, tools: Tools) => Promise<A>,
) => {
  const world = prepare(contract, openers);
  return async (payload: unknown, context?: Pick<Context, 'awsRequestId'>): Promise<A> => {
    const { resources, ...tools } = world(context?.awsRequestId);
    return run(parse(payload), resources, tools);
  };
};
