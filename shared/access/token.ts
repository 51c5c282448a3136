import { type Caller, type Reach, type Scope, scopes } from '../platform/api/caller.ts';
import { bucketOf, sha256 } from '../platform/ids.ts';
import type { Item } from '../storage/table.ts';

/**
 * A token as the registry keeps it: who has read the registry still holds no token. Instants are epoch ms, but
 * `expiresAt` (epoch seconds) is the table's own TTL: an expired token is gone for every reader at once.
 */
export type TokenRecord = {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  /** SHA-256 of the whole token. Its secret has 256 random bits, so no slow hash is needed. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly deployments: Reach;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  /** 0 while never used. Written at most once an hour. */
  readonly lastUsedAt: number;
  readonly revokedAt?: number;
  readonly revision: number;
};

export const tokenBuckets = 8;

/** Keys of the registry: `TOKENS#<0–7>` / `<id>` in `state`. */
export const tokenKey = (id: string) => ({ pk: `TOKENS#${bucketOf(id, tokenBuckets)}`, sk: id });

const tokenPattern = /^hst_([0-9a-f]{24})_[A-Za-z0-9_-]{43}$/;
export const tokenIdPattern = /^[0-9a-f]{24}$/;

/** `hst_<id>_<secret>`: recognisable to secret scanners, and its item is found without a search. */
export const formatToken = (id: string, secret: string): string => `hst_${id}_${secret}`;
export const tokenIdIn = (token: string): string | undefined => tokenPattern.exec(token)?.[1];
export const hashOf = (token: string): string => sha256(token);

/**
 * The record in an item, read by hand for the authorizer has no schema library. Undefined for anything that is not
 * a whole token: what cannot be understood opens nothing.
 */
export const toTokenRecord = (item: Item): TokenRecord | undefined => {
  const { id, hash, deployments } = item as unknown as TokenRecord;
  const reach =
    deployments === '*' ||
    (Array.isArray(deployments) && deployments.every((one) => typeof one === 'string'));
  if (typeof id !== 'string' || typeof hash !== 'string' || !reach || !Array.isArray(item.scopes))
    return undefined;
  return item as unknown as TokenRecord;
};

export const knownScopes = (names: readonly unknown[]): Scope[] =>
  scopes.filter((scope) => names.includes(scope));

export const callerOf = (token: TokenRecord): Caller => ({
  principal: `token:${token.id}`,
  scopes: knownScopes(token.scopes),
  deployments: token.deployments,
});

/** Whoever holds the token generated at deploy may do everything. */
export const firstAdmin: Caller = { principal: 'admin', scopes: [...scopes], deployments: '*' };

/** Whether `reach` lies wholly within `outer`. */
export const isWithin = (reach: Reach, outer: Reach): boolean =>
  outer === '*' || (reach !== '*' && reach.every((deployment) => outer.includes(deployment)));
