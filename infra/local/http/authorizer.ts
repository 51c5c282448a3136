import type { Clock } from '../../../shared/platform/clock.ts';
import type { FunctionPool } from '../functions/pool.ts';
import type { FunctionError } from '../functions/protocol.ts';
import { type ApiIdentity, authorizerEvent, type Exchange } from './event.ts';

/** A Lambda REQUEST authorizer with simple responses. */
export type AuthorizerDefinition = {
  readonly id: string;
  readonly functionArn: string;
  /** `$request.header.Authorization` and the like; all must be there, and together they are the cache's key. */
  readonly identitySources: readonly string[];
  readonly cacheSeconds: number;
};

export type Authorization =
  | { readonly outcome: 'allowed'; readonly context: Readonly<Record<string, unknown>> }
  | { readonly outcome: 'unauthorized' | 'forbidden' }
  | { readonly outcome: 'failed'; readonly error: FunctionError };

export type Authorize = (exchange: Exchange) => Promise<Authorization>;

const unreadable: FunctionError = {
  errorType: 'AuthorizerConfigurationException',
  errorMessage: 'the authorizer did not answer isAuthorized',
  trace: [],
};

const identityValue = (source: string, { request, query }: Exchange): string | undefined => {
  const [, kind, name = ''] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  if (kind === 'header') return request.headers[name.toLowerCase()]?.toString();
  if (kind === 'querystring') return new URLSearchParams(query).get(name) ?? undefined;
  return undefined;
};

export const createAuthorizer = (
  definition: AuthorizerDefinition,
  pool: FunctionPool,
  identity: ApiIdentity,
  clock: Clock,
): Authorize => {
  const cache = new Map<string, { readonly until: number; readonly authorization: Authorization }>();

  const ask = async (exchange: Exchange, sources: readonly string[]): Promise<Authorization> => {
    const answer = await pool.invoke(authorizerEvent(exchange, identity, sources));
    if ('error' in answer) return { outcome: 'failed', error: answer.error };
    const decision = JSON.parse(answer.payload ?? 'null') as {
      isAuthorized?: unknown;
      context?: unknown;
    } | null;
    if (typeof decision?.isAuthorized !== 'boolean') {
      return { outcome: 'failed', error: unreadable };
    }
    if (!decision.isAuthorized) return { outcome: 'forbidden' };
    return { outcome: 'allowed', context: (decision.context ?? {}) as Record<string, unknown> };
  };

  return async (exchange) => {
    const values = definition.identitySources.map((source) => identityValue(source, exchange));
    const present = values.filter((value) => value !== undefined && value !== '');
    if (present.length < values.length) return { outcome: 'unauthorized' };
    if (definition.cacheSeconds === 0 || values.length === 0) return ask(exchange, present as string[]);
    const key = JSON.stringify([exchange.match.route.routeKey, ...values]);
    const known = cache.get(key);
    if (known && known.until > clock()) return known.authorization;
    const authorization = await ask(exchange, present as string[]);
    if (authorization.outcome !== 'failed') {
      if (cache.size > 1_000) cache.clear();
      cache.set(key, { until: clock() + definition.cacheSeconds * 1000, authorization });
    }
    return authorization;
  };
};
