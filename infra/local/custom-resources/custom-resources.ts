import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { FunctionPool } from '../functions/pool.ts';
import { hostStopped } from '../functions/protocol.ts';
import type { Activity } from '../time/activity.ts';
import type { CustomResource } from './definitions.ts';
import type { Made, MadeResources } from './made.ts';
import { listenForResponse } from './response.ts';

export type CustomResources = {
  /**
   * Has everything made that is new or wanted otherwise than before, unless it is already. Gives a sentence when
   * something could not be made; the next call tries again.
   */
  make(): Promise<string | undefined>;
};

export type CustomResourcesOptions = {
  readonly resources: readonly CustomResource[];
  readonly made: MadeResources;
  /** `arn:aws:cloudformation:…:stack/<name>/<id>` */
  readonly stackId: string;
  readonly poolOf: (functionArn: string) => FunctionPool | undefined;
  readonly activity: Activity;
  readonly onProblem: (sentence: string) => void;
};

/**
 * Makes custom resources as CloudFormation does, but not before somebody needs them: a start shall not wait for them.
 * What is no longer in the template is left as it was, and so is what an update replaced; on one machine a bucket and
 * what is in it end with the data folder.
 */
export const createCustomResources = (options: CustomResourcesOptions): CustomResources => {
  const { resources, activity } = options;
  let isMade = resources.length === 0;
  let making: Promise<string | undefined> | undefined;
  let told: string | undefined;

  const makeAll = async (): Promise<string | undefined> => {
    for (const resource of resources) {
      const problem = await makeOne(options, resource);
      if (problem === undefined) continue;
      // Who looks at an empty page loads it again and again.
      if (problem !== told && problem !== stopping) options.onProblem(problem);
      told = problem;
      return problem;
    }
    isMade = true;
    return undefined;
  };
  return {
    make() {
      if (isMade) return Promise.resolve(undefined);
      making ??= activity.during(makeAll()).finally(() => {
        making = undefined;
      });
      return making;
    },
  };
};

const stopping = 'the local host is stopping';

const makeOne = async (
  options: CustomResourcesOptions,
  resource: CustomResource,
): Promise<string | undefined> => {
  const { logicalId, type, properties } = resource;
  const before = options.made.of(logicalId);
  if (before && isDeepStrictEqual(before.properties, properties)) return undefined;
  const outcome = await ask(options, resource, before);
  if (outcome.kind === 'stopping') return stopping;
  if (outcome.kind === 'failed') {
    const what = before ? 'brought up to date' : 'made';
    return `${logicalId} (${type}) could not be ${what}: ${outcome.reason}`;
  }
  options.made.remember(logicalId, { physicalResourceId: outcome.physicalResourceId, properties });
  return undefined;
};

type Outcome =
  | { readonly kind: 'made'; readonly physicalResourceId: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'stopping' };

/** CloudFormation would wait for an answer up to an hour; here a function that has ended says no more. */
const ask = async (
  { poolOf, stackId }: CustomResourcesOptions,
  { logicalId, type, serviceToken, properties }: CustomResource,
  before: Made | undefined,
): Promise<Outcome> => {
  const pool = poolOf(serviceToken);
  if (!pool) return { kind: 'failed', reason: `its function ${serviceToken} is not in the stack` };
  const identity = { StackId: stackId, RequestId: randomUUID(), LogicalResourceId: logicalId };
  const listener = await listenForResponse({ path: randomUUID(), identity });
  try {
    const answer = await pool.invoke({
      ...identity,
      RequestType: before ? 'Update' : 'Create',
      ResponseURL: listener.url,
      ResourceType: type,
      ServiceToken: serviceToken,
      ResourceProperties: properties,
      ...(before && {
        PhysicalResourceId: before.physicalResourceId,
        OldResourceProperties: before.properties,
      }),
    });
    const said = listener.response();
    if (said?.status === 'SUCCESS') return { kind: 'made', physicalResourceId: said.physicalResourceId };
    if (said) return { kind: 'failed', reason: said.reason };
    if (!('error' in answer))
      return { kind: 'failed', reason: 'its function ended without an answer to the ResponseURL' };
    if (answer.error === hostStopped) return { kind: 'stopping' };
    return { kind: 'failed', reason: `${answer.error.errorType}: ${answer.error.errorMessage}` };
  } finally {
    await listener.stop();
  }
};
