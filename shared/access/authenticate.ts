import type { Caller } from '../platform/api/caller.ts';
import type { Clock } from '../platform/clock.ts';
import { sameDigest, sha256 } from '../platform/ids.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Table } from '../storage/table.ts';
import {
  callerOf,
  firstAdmin,
  hashOf,
  type TokenRecord,
  tokenIdIn,
  tokenKey,
  toTokenRecord,
} from './token.ts';

/** So long a revoked token may still open something; named in the documentation. */
export const cacheMs = 60_000;
/** Enough for every token of a team; beyond it the oldest entry goes, so that nobody can fill the memory. */
const cacheEntries = 500;
const usedEveryMs = 3_600_000;
/** The first token has at least 40 characters; shorter texts are not even compared. */
const shortestAdminToken = 40;
const longestToken = 512;

type Ports = {
  readonly state: Pick<Table, 'get' | 'update'>;
  readonly readAdminToken: () => Promise<string>;
  readonly clock: Clock;
  /** The note of the last use could not be written; the caller is authenticated all the same. */
  readonly onUnnoted?: (error: unknown) => void;
};

type Cached<T> = { readonly value: T; readonly readAt: number };

/** `Bearer <token>` → the token; undefined for any other header, however strange. */
export const bearerIn = (header: unknown): string | undefined => {
  if (typeof header !== 'string' || header.length > longestToken + 10) return undefined;
  return /^Bearer +([\x21-\x7e]+)$/i.exec(header)?.[1];
};

/**
 * Finds out who holds a token. What was read is believed for a minute; that a token is not there never is, so a new
 * token works at once. Throws only when the registry or the secret cannot be read.
 */
export const createAuthenticator = (ports: Ports) => {
  const tokens = new Map<string, Cached<TokenRecord>>();
  let admin: Cached<string> | undefined;
  const fresh = <T>(cached: Cached<T> | undefined): T | undefined =>
    cached && ports.clock() - cached.readAt < cacheMs ? cached.value : undefined;

  const isFirstAdmin = async (token: string): Promise<boolean> => {
    if (token.length < shortestAdminToken) return false;
    let digest = fresh(admin);
    if (digest === undefined) {
      digest = sha256(await ports.readAdminToken());
      admin = { value: digest, readAt: ports.clock() };
    }
    return sameDigest(sha256(token), digest);
  };

  const recordOf = async (id: string): Promise<TokenRecord | undefined> => {
    const known = fresh(tokens.get(id));
    if (known) return known;
    // A lagging copy could miss a new token, or keep a revoked one alive for a minute longer.
    const item = await ports.state.get(tokenKey(id), { consistent: true });
    const record = item && toTokenRecord(item);
    tokens.delete(id);
    if (!record) return undefined;
    const oldest = tokens.keys().next();
    if (tokens.size >= cacheEntries && !oldest.done) tokens.delete(oldest.value);
    tokens.set(id, { value: record, readAt: ports.clock() });
    return record;
  };

  const isUsable = (record: TokenRecord): boolean =>
    record.revokedAt === undefined &&
    (record.expiresAt === undefined || record.expiresAt * 1000 > ports.clock());

  const noteUse = async (record: TokenRecord): Promise<void> => {
    const now = ports.clock();
    if (now - record.lastUsedAt < usedEveryMs) return;
    const noted = { ...record, lastUsedAt: now };
    tokens.set(record.id, { value: noted, readAt: tokens.get(record.id)?.readAt ?? now });
    try {
      await ports.state.update(
        tokenKey(record.id),
        { set: { lastUsedAt: now } },
        { equals: { hash: record.hash, lastUsedAt: record.lastUsedAt } },
      );
    } catch (error) {
      // Another instance noted it just before: once an hour is enough.
      if (!(error instanceof ConditionFailed)) ports.onUnnoted?.(error);
    }
  };

  return async (token: string): Promise<Caller | undefined> => {
    const id = tokenIdIn(token);
    if (id === undefined) return (await isFirstAdmin(token)) ? firstAdmin : undefined;
    const record = await recordOf(id);
    if (!record || !sameDigest(hashOf(token), record.hash) || !isUsable(record)) return undefined;
    await noteUse(record);
    return callerOf(record);
  };
};
