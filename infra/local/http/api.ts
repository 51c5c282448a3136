import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionPool } from '../functions/pool.ts';
import { type FunctionError, hostStopped } from '../functions/protocol.ts';
import { type Access, serviceCaller, type Verdict } from '../gateway/access.ts';
import type { Activity } from '../time/activity.ts';
import type { HostClock } from '../time/clock.ts';
import { accessLine } from './access-log.ts';
import { type Authorize, type AuthorizerDefinition, createAuthorizer } from './authorizer.ts';
import { type ApiIdentity, type Exchange, functionEvent } from './event.ts';
import { type HttpAnswer, messageAnswer, readAnswer } from './response.ts';
import { compileRoutes, type Match, type Route } from './routes.ts';
import { ClientGone, readBody, send } from './server.ts';
import { createThrottle } from './throttle.ts';

/** An HTTP API of the template. */
export type ApiDefinition = {
  readonly apiId: string;
  readonly routes: readonly Route[];
  readonly authorizers: readonly AuthorizerDefinition[];
  readonly throttlingRateLimit: number;
  readonly throttlingBurstLimit: number;
  /** `{"status":"$context.status"}`; undefined keeps no access log. */
  readonly accessLogFormat: string | undefined;
};

export type ApiOptions = {
  readonly identity: Omit<ApiIdentity, 'apiId'>;
  readonly clock: HostClock;
  readonly activity: Activity;
  readonly access: Access;
  readonly poolOf: (functionArn: string) => FunctionPool | undefined;
  readonly onAccess: (line: string) => void;
  readonly onError: (functionArn: string, error: FunctionError) => void;
  readonly onFault: (error: Error) => void;
};

/** The gateway's own limit for a request's body. */
const bodyBytes = 10 * 1024 * 1024;

type Outcome = {
  readonly answer: HttpAnswer;
  readonly routeKey?: string;
  readonly principal?: string;
  /** Why the gateway itself answered, for the access log; the client never sees it. */
  readonly error?: string;
};

type Api = {
  readonly options: ApiOptions;
  readonly identity: ApiIdentity;
  readonly match: (method: string, path: string) => Match | undefined;
  readonly mayPass: () => boolean;
  readonly authorizers: ReadonlyMap<string, { readonly functionArn: string; readonly authorize: Authorize }>;
};

/** `leaving` is what stands in front of the API and changes an answer before it goes to the client. */
export type ApiHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  leaving?: (answer: HttpAnswer) => HttpAnswer,
) => void;

/** Answers as API Gateway answers: route, throttle, authorizer, function. */
export const createApi = (definition: ApiDefinition, options: ApiOptions): ApiHandler => {
  const identity = { ...options.identity, apiId: definition.apiId };
  const api: Api = {
    options,
    identity,
    match: compileRoutes(definition.routes),
    mayPass: createThrottle(definition.throttlingRateLimit, definition.throttlingBurstLimit),
    authorizers: new Map(
      definition.authorizers.flatMap((authorizer) => {
        const pool = options.poolOf(authorizer.functionArn);
        if (!pool) return [];
        const authorize = createAuthorizer(authorizer, pool, identity, options.clock.now);
        return [[authorizer.id, { functionArn: authorizer.functionArn, authorize }] as const];
      }),
    ),
  };
  return (request, response, leaving = (answer) => answer) =>
    void options.activity.during(handle(api, definition.accessLogFormat, request, response, leaving));
};

const handle = async (
  api: Api,
  accessLogFormat: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  leaving: (answer: HttpAnswer) => HttpAnswer,
): Promise<void> => {
  const { clock, onFault, onAccess } = api.options;
  const startedAt = performance.now();
  const requestId = randomUUID();
  let outcome: Outcome;
  try {
    outcome = await answerTo(api, request, requestId);
  } catch (error) {
    if (error instanceof ClientGone) return;
    onFault(error instanceof Error ? error : new Error(String(error)));
    outcome = failed(String(error));
  }
  response.setHeader('apigw-requestid', requestId);
  response.setHeader('date', new Date(clock.now()).toUTCString());
  // The rest of a body that was too large is never read.
  if (outcome.answer.statusCode === 413) response.setHeader('connection', 'close');
  send(response, leaving(outcome.answer));
  if (accessLogFormat === undefined) return;
  const { answer, routeKey, principal, error } = outcome;
  const latencyMs = performance.now() - startedAt;
  const [path] = splitUrl(request.url ?? '/');
  const logged = {
    request,
    requestId,
    path,
    answer,
    routeKey,
    principal,
    error,
    latencyMs,
    now: clock.now(),
  };
  onAccess(accessLine(accessLogFormat, logged));
};

const answerTo = async (api: Api, request: IncomingMessage, requestId: string): Promise<Outcome> => {
  if (!api.mayPass()) return { answer: messageAnswer(429, 'Too Many Requests') };
  const [path, query] = splitUrl(request.url ?? '/');
  const method = request.method ?? 'GET';
  const match = api.match(method, path);
  if (!match) return { answer: messageAnswer(404, 'Not Found') };
  const { routeKey } = match.route;
  const body = await readBody(request, bodyBytes);
  if (body === undefined) return { answer: messageAnswer(413, 'Request Too Long'), routeKey };
  const receivedAt = api.options.clock.now();
  const exchange = { request, method, path, query, body, match, requestId, receivedAt };
  return { ...(await authorizeAndInvoke(api, exchange)), routeKey };
};

const authorizeAndInvoke = async (api: Api, exchange: Exchange): Promise<Outcome> => {
  const { authorizerId } = exchange.match.route;
  if (authorizerId === undefined) return invoke(api, exchange, undefined);
  const authorizer = api.authorizers.get(authorizerId);
  if (!authorizer) return failed('there is no such authorizer');
  const verdict = mayInvoke(api, authorizer.functionArn, `authorizers/${authorizerId}`);
  if (!verdict.allowed) return failed(verdict.sentence);
  const authorization = await authorizer.authorize(exchange);
  switch (authorization.outcome) {
    case 'allowed': {
      const { context } = authorization;
      return { ...(await invoke(api, exchange, context)), principal: String(context.principal ?? '-') };
    }
    case 'unauthorized':
      return { answer: messageAnswer(401, 'Unauthorized') };
    case 'forbidden':
      return { answer: messageAnswer(403, 'Forbidden') };
    case 'failed':
      api.options.onError(authorizer.functionArn, authorization.error);
      return failed(authorization.error.errorMessage);
    default:
      return authorization satisfies never;
  }
};

const invoke = async (
  api: Api,
  exchange: Exchange,
  context: Readonly<Record<string, unknown>> | undefined,
): Promise<Outcome> => {
  const { functionArn, routeKey, integrationTimeoutMs } = exchange.match.route;
  const path = routeKey === '$default' ? '/$default' : routeKey.split(' ')[1];
  const verdict = mayInvoke(api, functionArn, `$default/${exchange.method}${path}`);
  if (!verdict.allowed) return failed(verdict.sentence);
  const pool = api.options.poolOf(functionArn);
  if (!pool) return failed('there is no such function');
  const event = functionEvent(exchange, api.identity, context);
  const answer = await within(integrationTimeoutMs, pool.invoke(event));
  if (answer === 'late') {
    const error = 'the function took longer than the gateway waits';
    return { answer: messageAnswer(503, 'Service Unavailable'), error };
  }
  if ('error' in answer) {
    if (answer.error === hostStopped) return { answer: messageAnswer(503, 'Service Unavailable') };
    api.options.onError(functionArn, answer.error);
    return failed(answer.error.errorMessage);
  }
  const read = readAnswer(answer.payload);
  return read ? { answer: read } : failed('the function answered no HTTP response');
};

const failed = (error: string): Outcome => ({ answer: messageAnswer(500, 'Internal Server Error'), error });

/** Whether the function's own policy lets this API in. */
const mayInvoke = ({ options, identity }: Api, functionArn: string, source: string): Verdict => {
  const { region, accountId, apiId } = identity;
  const sourceArn = `arn:aws:execute-api:${region}:${accountId}:${apiId}/${source}`;
  const caller = serviceCaller('apigateway.amazonaws.com');
  return options.access.authorize(caller, 'lambda:InvokeFunction', functionArn, {
    'aws:SourceArn': sourceArn,
  });
};

const splitUrl = (url: string): [string, string] => {
  const at = url.indexOf('?');
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
};

const within = async <T>(milliseconds: number, work: Promise<T>): Promise<T | 'late'> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};
