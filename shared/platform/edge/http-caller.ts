import { anyone, type Caller, type Reach, reaches, scopes } from '../api/caller.ts';
import type { Route } from '../api/route.ts';
import { DomainError } from '../errors.ts';

/**
 * What the authorizer tells about a request: strings only. It never refuses by itself, so that each refusal is a
 * problem of ours; therefore anything but a clear `true` is treated as no token at all.
 */
export type AuthorizerContext = {
  /** `true`, `false`, or `unknown` when the registry could not be read. */
  readonly authenticated: 'true' | 'false' | 'unknown';
  readonly principal: string;
  /** Separated by spaces. */
  readonly scopes: string;
  /** `*`, or a JSON list of deployment ids. */
  readonly deployments: string;
};

export const toAuthorizerContext = (caller: Caller): AuthorizerContext => ({
  authenticated: 'true',
  principal: caller.principal,
  scopes: caller.scopes.join(' '),
  deployments: caller.deployments === '*' ? '*' : JSON.stringify(caller.deployments),
});

const reachFrom = (text: unknown): Reach => {
  if (text === '*') return '*';
  try {
    const list: unknown = JSON.parse(String(text));
    return Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string') : [];
  } catch {
    return [];
  }
};

/** Who asks, from the authorizer's context. Throws UNAUTHENTICATED for anything that does not say so clearly. */
export const callerFrom = (context: unknown): Caller => {
  const told = (context ?? {}) as Partial<Record<keyof AuthorizerContext, unknown>>;
  if (told.authenticated === 'unknown') {
    throw new DomainError(
      'COLLECTION_ERROR',
      'Whether the token is valid cannot be read just now. Try again in a moment.',
    );
  }
  if (told.authenticated !== 'true' || typeof told.principal !== 'string' || told.principal === '') {
    throw new DomainError(
      'UNAUTHENTICATED',
      'Send a valid token as Authorization: Bearer hst_…; an expired or revoked one is not valid any more.',
    );
  }
  const held = typeof told.scopes === 'string' ? told.scopes.split(' ') : [];
  return {
    principal: told.principal,
    scopes: scopes.filter((scope) => held.includes(scope)),
    deployments: reachFrom(told.deployments),
  };
};

/** Throws UNAUTHENTICATED or FORBIDDEN unless the caller has what the route needs. */
export const callerFor = (route: Pick<Route, 'scope'>, context: unknown): Caller => {
  if (route.scope === 'public') return anyone;
  const caller = callerFrom(context);
  if (route.scope === 'any' || caller.scopes.includes(route.scope)) return caller;
  throw new DomainError(
    'FORBIDDEN',
    `This needs a token with the scope ${route.scope}. Make one with homeostat tokens create.`,
  );
};

/**
 * A second fence before every verb's own: a deployment named in the path, the query or the body must be within
 * reach, whatever the route does with it.
 */
export const requireNamedWithinReach = (caller: Caller, parts: readonly unknown[]): void => {
  for (const part of parts) {
    const named = (part as { readonly deploymentId?: unknown } | null | undefined)?.deploymentId;
    if (typeof named === 'string' && !reaches(caller.deployments, named)) {
      throw new DomainError('NOT_FOUND', 'There is no such deployment, or the token does not reach it.');
    }
  }
};
