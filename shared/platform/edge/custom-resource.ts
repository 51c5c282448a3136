import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import type { FunctionContract, Needs } from '../function/contract.ts';
import type { Openers, Resources } from './resources.ts';
import { prepare, type Tools } from './tools.ts';

/** What CloudFormation wants of a resource. */
export type CustomResourceRequest = {
  readonly change: 'Create' | 'Update' | 'Delete';
  readonly properties: Readonly<Record<string, unknown>>;
};
/** Another physical id on an update makes CloudFormation delete the resource of before. */
export type CustomResourceMade = { readonly physicalId: string };

/** Enough to send the answer four times, and to tell what hung. */
const answeringMs = 20_000;
const attemptMs = 4_000;
const pausesMs = [0, 500, 1_500];
/** The whole answer may have 4,096 bytes. */
const mostReasonCharacters = 900;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The address is signed for a request without a content type, which is why the body is bytes. */
const send = async (url: string, answer: CloudFormationCustomResourceResponse): Promise<void> => {
  let failure: unknown;
  for (const pauseMs of pausesMs) {
    await pause(pauseMs);
    try {
      const body = new TextEncoder().encode(JSON.stringify(answer));
      const response = await fetch(url, { method: 'PUT', body, signal: AbortSignal.timeout(attemptMs) });
      await response.arrayBuffer();
      if (response.ok) return;
      failure = new Error(`CloudFormation's address for the answer said ${response.status}`);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
};

const within = async <T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${milliseconds / 1000} s; deploy again to go on`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * A function that stands behind a resource of CloudFormation. Whatever happens, CloudFormation is answered before Lambda
 * ends the function: without an answer it waits for an hour. Throws only when the answer itself cannot be sent, so that
 * Lambda tries the whole again.
 */
export const onCustomResource = <const N extends Needs>(
  contract: FunctionContract<N>,
  openers: Openers<N>,
  run: (request: CustomResourceRequest, resources: Resources<N>, tools: Tools) => Promise<CustomResourceMade>,
) => {
  const world = prepare(contract, openers);
  const workingMs = contract.timeoutSeconds * 1000 - answeringMs;

  return async (event: CloudFormationCustomResourceEvent): Promise<void> => {
    const { RequestType: change, ResourceProperties: properties } = event;
    const answer = {
      PhysicalResourceId: 'PhysicalResourceId' in event ? event.PhysicalResourceId : event.LogicalResourceId,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
    };
    const work = async (): Promise<CloudFormationCustomResourceResponse> => {
      const { resources, ...tools } = world(event.RequestId);
      try {
        const { physicalId } = await within(run({ change, properties }, resources, tools), workingMs, change);
        return { ...answer, Status: 'SUCCESS', PhysicalResourceId: physicalId };
      } catch (error) {
        tools.log.error(`${change} of ${event.LogicalResourceId} failed`, { error: error as Error });
        throw error;
      }
    };
    const outcome = await work().catch((error: unknown): CloudFormationCustomResourceResponse => {
      const reason = error instanceof Error ? error.message : String(error);
      return { ...answer, Status: 'FAILED', Reason: reason.slice(0, mostReasonCharacters) };
    });
    await send(event.ResponseURL, outcome);
  };
};
