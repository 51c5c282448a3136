import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiHandler } from '../http/api.ts';
import type { HttpAnswer } from '../http/response.ts';
import { type Handler, send } from '../http/server.ts';
import type { Activity } from '../time/activity.ts';
import type { HostClock } from '../time/clock.ts';
import { type Compress, createCompressor, encodingFor, marked } from './compression.ts';
import { isUnchanged, notModified } from './conditional.ts';
import type { Behaviour, DistributionDefinition } from './definition.ts';
import { forward } from './forwarding.ts';
import { answerFromBucket, type ObjectsOptions, xmlError } from './objects.ts';
import { comparablePath, compilePattern, keyOf } from './paths.ts';
import { withPolicy } from './policies.ts';

export type DistributionOptions = ObjectsOptions & {
  readonly clock: HostClock;
  readonly activity: Activity;
  /** The origin of behaviours that lead to the HTTP API. */
  readonly api: ApiHandler;
  /** Resolves when what the stack puts into its buckets is there, or with a sentence why it is not. */
  readonly untilFilled: () => Promise<string | undefined>;
  readonly onFault: (error: Error) => void;
};

/**
 * Answers as a distribution does, without its caches: each request reaches its origin, so that what changed shows at
 * once.
 */
export const createDistribution = (
  definition: DistributionDefinition,
  options: DistributionOptions,
): Handler => {
  const behaviours = definition.behaviours.map((behaviour) => ({
    behaviour,
    matches: compilePattern(behaviour.pathPattern),
  }));
  const compress = createCompressor();

  return (request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const comparable = comparablePath(path);
    const chosen = behaviours.find(({ matches }) => matches(comparable))?.behaviour;
    if (!chosen || !path.startsWith('/')) {
      send(response, page(400, 'The request cannot be understood.'));
      return;
    }
    if (!chosen.methods.has(request.method ?? '')) {
      send(response, page(403, `This path takes only ${[...chosen.methods].sort().join(', ')}.`));
      return;
    }
    const { origin } = chosen;
    if (origin.kind === 'api') {
      // Answers of functions are made anew each time: remembering them compressed would only fill memory.
      const asked = { method: request.method, headers: { ...request.headers } };
      forward(request, chosen.forwarding);
      options.api(request, response, (answer) =>
        leaving(chosen, asked, answer, (body, encoding) => compress(body, encoding, undefined)),
      );
      return;
    }
    const key = path === '/' ? definition.rootObject : keyOf(path);
    const asked = { behaviour: chosen, bucket: origin.bucket, key, sourceArn: definition.arn, compress };
    void options.activity.during(serveObject(options, asked, request, response));
  };
};

type AskedObject = {
  readonly behaviour: Behaviour;
  readonly bucket: string;
  /** Undefined when the path names none. */
  readonly key: string | undefined;
  readonly sourceArn: string;
  readonly compress: Compress;
};

const serveObject = async (
  options: DistributionOptions,
  asked: AskedObject,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  let answer: HttpAnswer;
  try {
    answer = await objectAnswer(options, asked, request.method ?? '');
  } catch (error) {
    options.onFault(error instanceof Error ? error : new Error(String(error)));
    answer = page(502, 'The local host failed; its terminal says why.');
  }
  response.setHeader('date', new Date(options.clock.now()).toUTCString());
  send(response, leaving(asked.behaviour, request, answer, asked.compress));
};

const objectAnswer = async (
  options: DistributionOptions,
  { bucket, key, sourceArn }: AskedObject,
  method: string,
): Promise<HttpAnswer> => {
  if (method !== 'GET' && method !== 'HEAD')
    return xmlError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
  if (key === undefined) return xmlError(400, 'InvalidURI', 'Could not parse the specified URI.');
  const missing = await options.untilFilled();
  if (missing !== undefined) return page(503, missing);
  return answerFromBucket(options, bucket, key, sourceArn);
};

/** What happens to an answer between its origin and the client. */
const leaving = (
  { encodings, headers, origin }: Behaviour,
  request: Pick<IncomingMessage, 'method' | 'headers'>,
  answer: HttpAnswer,
  compress: Compress,
): HttpAnswer => {
  const encoding = encodingFor(answer, encodings, String(request.headers['accept-encoding'] ?? ''));
  const seen = encoding === undefined ? answer : marked(answer, encoding);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  // What nothing may keep is the API's alone to compare.
  const mayBeKept = origin.kind === 'bucket' || encodings.length > 0;
  if (isRead && mayBeKept && isUnchanged(request.headers, seen))
    return withPolicy(notModified(seen), headers);
  if (encoding === undefined || encoding === 'identity') return withPolicy(seen, headers);
  const { etag } = answer.headers;
  const body = compress(answer.body, encoding, typeof etag === 'string' ? etag : undefined);
  return withPolicy({ ...seen, body }, headers);
};

const htmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The host's own word, where CloudFront has a page of its own. */
const page = (statusCode: number, sentence: string): HttpAnswer => ({
  statusCode,
  headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  body: Buffer.from(
    `<!doctype html><html lang="en"><title>${statusCode}</title><p>${htmlText(sentence)}</p></html>\n`,
  ),
});
