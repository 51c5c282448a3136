import type * as z from 'zod';
import type { Table } from '../../storage/table.ts';
import type { Bus } from '../aws/bus.aws.ts';
import type { FunctionClient } from '../aws/function.aws.ts';
import type { Parameters } from '../aws/parameters.aws.ts';
import type { Queue } from '../aws/queue.aws.ts';
import type { Secret } from '../aws/secret.aws.ts';
import type { Workflows } from '../aws/workflows.aws.ts';
import type { Tools } from '../edge/tools.ts';
import type { ErrorCode } from '../errors.ts';
import type { Caller, Needed } from './caller.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What an authorized request arrives as: everything in it was validated by the route's own schemas. */
export type ApiRequest<P = Record<string, string>, Q = unknown, B = unknown> = {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  /** If-Match on a route with `etag`: the revisions the caller would accept, or any that exists. */
  readonly expects: readonly number[] | 'any' | undefined;
  /** Idempotency-Key on a route with `idempotent`: the same caller, route and key give the same `id`. */
  readonly idempotency: { readonly id: string; readonly requestHash: string } | undefined;
  /** Of a signed request on a route with `signed`: the same for the same delivery sent again. */
  readonly delivery?: string | undefined;
};

/** Who signed a request, in place of a token. */
export type SignedBy = { readonly caller: Caller; readonly delivery: string };

/** What a route's verb may use: exactly what `functions/api/contract.ts` declares. */
export type ApiWorld = Tools & {
  readonly state: Pick<Table, 'get' | 'batchGet' | 'query' | 'queryDue' | 'put' | 'update'>;
  readonly telemetry: Pick<Table, 'get' | 'query' | 'batchGet' | 'update'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly slots: Pick<Queue, 'send'>;
  /** Only there when a VPC is configured. */
  readonly vpcSlots?: Pick<Queue, 'send'> | undefined;
  /** First in, first out by group: what people did to an incident is decided there, and told. */
  readonly incidents: Pick<Queue, 'send'>;
  /** What the links in notifications are signed with. */
  readonly linkKey: Pick<Secret, 'read'>;
  readonly checkSecrets: Pick<Parameters, 'list' | 'read'>;
  readonly tester: Pick<FunctionClient, 'invoke'>;
  readonly vpcTester?: Pick<FunctionClient, 'invoke'> | undefined;
  /** Makes plans; changes nothing. */
  readonly planner: Pick<FunctionClient, 'invoke'>;
  /** Remediation: one execution a plan. */
  readonly workflows: Pick<Workflows, 'start'>;
  /** The route table itself, for the document that describes it. */
  readonly routes: readonly Route[];
};

/** What the function `api` opens of the world; the rest are tools that every function has. */
export type ApiResources = Omit<ApiWorld, keyof Tools | 'routes'>;

export type ApiReply = {
  /** One of the statuses the route declares; its `success.status` when left out. A page may also be one that refuses. */
  readonly status?: number;
  /** Text on a route that declares a `contentType`, else what becomes JSON. */
  readonly body?: unknown;
  /** In place of the policy that lets nothing be loaded or sent: for pages. */
  readonly contentSecurityPolicy?: string;
  /** In place of `no-store`, for what may be shown a little late. */
  readonly cacheControl?: string;
  /** Path of what was created. */
  readonly location?: string;
  /** Becomes the ETag on a route with `etag`. */
  readonly revision?: number;
};

type Facts = {
  /** Unique; the operationId of OpenAPI and the name in the idempotency of a request. */
  readonly id: string;
  readonly method: Method;
  /** `/api/v1/monitoring/health-checks/{id}`: parameters in braces, one segment each. */
  readonly path: `/${string}`;
  /** Needed of the token; `any` takes each valid one. `public` routes have no authorizer and tell no details. */
  readonly scope: Needed;
  readonly summary: string;
  readonly description: string;
  readonly success: {
    readonly status: 200 | 201 | 202 | 204 | 302;
    /** A second good status: 200 where a repeated 201 changes nothing. */
    readonly repeated?: 200;
    readonly schema?: z.ZodType;
    readonly contentType?: string;
  };
  /** Takes Idempotency-Key. */
  readonly idempotent?: true;
  /** Answers with ETag; PUT and DELETE take If-Match. */
  readonly etag?: true;
  /** Takes `limit` and `cursor`, answers `{items, next}`. */
  readonly paged?: true;
  /** Refusals of its own; those every route shares (MALFORMED_REQUEST, UNAUTHENTICATED …) are added by what describes it. */
  readonly errors?: readonly ErrorCode[];
};

/** A route that a function of its own serves; the adapter never sees it. */
export type PageRoute = Facts & { readonly function: 'page' | 'status' };

/** A route of the HTTP API: what it takes and gives as schemas, and the verb that answers. */
export type ApiRoute<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> = Facts & {
  readonly function: 'api';
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** The body is a form (`application/x-www-form-urlencoded`), as a page without scripts sends it; each field once. */
  readonly form?: true;
  /** An empty request is `{}`. */
  readonly optionalBody?: true;
  /**
   * Takes requests that are signed in place of carrying a token: who signed this body, as it was sent; undefined when
   * nobody did. Throws UNAUTHENTICATED for a signature that is not valid. Names of headers in lower case.
   */
  signedBy?(
    sent: { readonly text: string; readonly headers: Readonly<Record<string, string | undefined>> },
    world: ApiWorld,
  ): Promise<SignedBy | undefined>;
  // A method, so that routes of different shapes stand in one table.
  run(request: ApiRequest<z.output<P>, z.output<Q>, z.output<B>>, world: ApiWorld): Promise<ApiReply>;
};

export type Route = ApiRoute | PageRoute;

/** Checks a route's facts at its definition, so that a wrong table never starts. */
export const defineRoute = <P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  route: ApiRoute<P, Q, B>,
): ApiRoute => {
  const named = new Set(pathParametersOf(route.path));
  if (named.size > 0 && !route.params)
    throw new Error(`${route.id}: the path names parameters without a schema`);
  return route as ApiRoute;
};

/** `/a/{b}/c/{d}` → `['b', 'd']` */
export const pathParametersOf = (path: string): readonly string[] =>
  [...path.matchAll(/\{([^}]+)\}/g)].map((found) => found[1] ?? '');

/** How API Gateway names a route: `GET /a/{b}`. */
export const routeKeyOf = (route: Pick<Route, 'method' | 'path'>): string => `${route.method} ${route.path}`;

/**
 * The route key for every path that no route names. It goes to `api`, behind the authorizer, so that also a wrong
 * path or method is answered as a problem, and tells nothing without a token.
 */
export const fallbackRouteKey = '$default';
