import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { parseFields } from '../api/faults.ts';
import {
  type ApiReply,
  type ApiRequest,
  type ApiResources,
  type ApiRoute,
  type ApiWorld,
  pathParametersOf,
  type Route,
  routeKeyOf,
} from '../api/route.ts';
import { DomainError } from '../errors.ts';
import type { FunctionContract, Needs } from '../function/contract.ts';
import { readFormBody, readJsonBody, textOf } from './http-body.ts';
import { callerFor, callerFrom, requireNamedWithinReach } from './http-caller.ts';
import { etagOf, readIdempotency, readIfMatch } from './http-headers.ts';
import { type HttpAnswer, safeHeaders, toProblem, toRefusal } from './http-problem.ts';
import type { Openers, Resources } from './resources.ts';
import { prepare, type Tools } from './tools.ts';

type HttpEvent = APIGatewayProxyEventV2;

/**
 * The one adapter between API Gateway and the verbs. From the route table alone it finds the route, its caller and
 * scope, reads and validates path, query, headers and body, and turns what comes back, or is thrown, into an answer.
 * No route does any of this itself. It never throws.
 */
export const onRoutes = <N extends Needs>(
  contract: FunctionContract<N>,
  openers: Openers<N>,
  routes: readonly Route[],
  resourcesOf: (resources: Resources<N>) => ApiResources,
) => {
  const prepared = prepare(contract, openers);
  const byKey = new Map(
    routes.flatMap((route) => (route.function === 'api' ? [[routeKeyOf(route), route] as const] : [])),
  );
  return async (event: HttpEvent): Promise<HttpAnswer> => {
    const requestId = event.requestContext.requestId;
    let log: Tools['log'] | undefined;
    try {
      const { resources, ...tools } = prepared(requestId);
      log = tools.log;
      const world: ApiWorld = { ...tools, ...resourcesOf(resources), routes };
      const route = byKey.get(event.routeKey);
      return route ? await answer(route, event, world) : refuseUnknown(event, routes);
    } catch (error) {
      const refusal = toRefusal(error);
      if (refusal !== error) {
        // Without a logger the function's own environment is broken: that must be seen too.
        const logged = log ?? console;
        logged.error('a request failed', { requestId, route: event.routeKey, error: error as Error });
      }
      const problem = toProblem(refusal, requestId);
      if (refusal.code === 'METHOD_NOT_ALLOWED')
        problem.headers.allow = methodsAt(event.rawPath, routes).join(', ');
      return problem;
    }
  };
};

const answer = async (route: ApiRoute, event: HttpEvent, world: ApiWorld): Promise<HttpAnswer> => {
  const request = await readRequest(route, event, world);
  const reply = await route.run(request, world);
  return toAnswer(route, reply, event.requestContext.requestId);
};

const readRequest = async (route: ApiRoute, event: HttpEvent, world: ApiWorld): Promise<ApiRequest> => {
  const signed = await route.signedBy?.({ text: textOf(event), headers: event.headers }, world);
  const caller = signed?.caller ?? callerFor(route, authorizerContextOf(event));
  const params = readParams(route, event);
  const query = parseFields(route.query ?? nothing, { ...event.queryStringParameters });
  const sent = route.body ? sentIn(event, route) : undefined;
  const body = route.body ? parseFields(route.body, sent) : undefined;
  if (route.scope !== 'public') requireNamedWithinReach(caller, [params, query, body]);
  return {
    params,
    query,
    body,
    caller,
    expects: readIfMatch(route, event.headers),
    idempotency: readIdempotency(route, event.headers, caller, sent),
    ...(signed && { delivery: signed.delivery }),
  };
};

const sentIn = (event: HttpEvent, { optionalBody, form }: ApiRoute): unknown => {
  if (optionalBody && !event.body) return {};
  return form ? readFormBody(event) : readJsonBody(event);
};

const nothing = z.strictObject({});

/** A parameter that cannot be the name of anything names nothing: NOT_FOUND, whatever is wrong with it. */
const readParams = (route: ApiRoute, event: HttpEvent): Record<string, string> => {
  const given = Object.fromEntries(
    pathParametersOf(route.path).map((name) => [name, event.pathParameters?.[name]]),
  );
  const parsed = (route.params ?? nothing).safeParse(given);
  if (parsed.success) return parsed.data as Record<string, string>;
  throw new DomainError('NOT_FOUND', 'There is nothing of this name. Check the path.');
};

const toAnswer = (route: ApiRoute, reply: ApiReply, requestId: string): HttpAnswer => {
  const {
    body,
    revision,
    location,
    cacheControl,
    contentSecurityPolicy,
    status = route.success.status,
  } = reply;
  const headers = {
    ...safeHeaders,
    'x-request-id': requestId,
    ...(location !== undefined && { location }),
    ...(contentSecurityPolicy !== undefined && { 'content-security-policy': contentSecurityPolicy }),
    ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
    ...(route.etag && revision !== undefined && { etag: etagOf(revision) }),
  };
  if (status === 204 || body === undefined) return { statusCode: status, headers };
  const contentType = route.success.contentType ?? 'application/json';
  return {
    statusCode: status,
    headers: { ...headers, 'content-type': contentType },
    // A route with a content type of its own answers text, which is sent as it is.
    body: route.success.contentType !== undefined && typeof body === 'string' ? body : JSON.stringify(body),
  };
};

/** API Gateway puts what a Lambda authorizer told here; the types of events without an authorizer do not know it. */
const authorizerContextOf = (event: HttpEvent): unknown =>
  (event.requestContext as { readonly authorizer?: { readonly lambda?: unknown } }).authorizer?.lambda;

/** A path or method that no route has: told only to those who may know what routes there are. */
const refuseUnknown = (event: HttpEvent, routes: readonly Route[]): never => {
  callerFrom(authorizerContextOf(event));
  const methods = methodsAt(event.rawPath, routes);
  if (methods.length > 0) {
    throw new DomainError('METHOD_NOT_ALLOWED', `This path knows ${methods.join(', ')}.`);
  }
  throw new DomainError('NOT_FOUND', 'There is no such path. GET /openapi.json lists all paths.');
};

const methodsAt = (path: string, routes: readonly Route[]): string[] => {
  const parts = path.split('/');
  const matches = (route: Route): boolean => {
    const wanted = route.path.split('/');
    return (
      wanted.length === parts.length && wanted.every((part, at) => part.startsWith('{') || part === parts[at])
    );
  };
  return [...new Set(routes.filter(matches).map((route) => route.method))];
};
