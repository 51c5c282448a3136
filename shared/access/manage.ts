import { recorded } from '../audit/index.ts';
import type { Caller, Scope } from '../platform/api/caller.ts';
import { type Clock, toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError } from '../platform/errors.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import type { NewId } from '../platform/ids.ts';
import { asValue, type Pending, unsentOf, withEvent, writeVersion } from '../platform/outbox/index.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Table, Value } from '../storage/table.ts';
import {
  formatToken,
  hashOf,
  isWithin,
  type TokenRecord,
  tokenBuckets,
  tokenKey,
  toTokenRecord,
} from './token.ts';

export type TokenInput = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly deployments: '*' | readonly string[];
  readonly expiresInDays: number | null;
};

type ManageWorld = {
  readonly state: Pick<Table, 'get' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
};

const daySeconds = 86_400;
/** A revoked token that never expired is still listed this long. */
const revokedKeptSeconds = 90 * daySeconds;

/** Nobody gives what they do not have. */
const requireOwn = (caller: Caller, input: Pick<TokenInput, 'scopes' | 'deployments'>): void => {
  const foreign = input.scopes.filter((scope) => !caller.scopes.includes(scope));
  if (foreign.length > 0) {
    throw new DomainError('FORBIDDEN', 'A token can only be given scopes that your own token has.', [
      { path: 'scopes', message: `Leave out ${foreign.join(', ')}.` },
    ]);
  }
  if (!isWithin(input.deployments, caller.deployments)) {
    throw new DomainError('FORBIDDEN', 'A token can only reach deployments that your own token reaches.', [
      { path: 'deployments', message: 'List only deployments that your token reaches.' },
    ]);
  }
};

/**
 * Makes a token. Its secret leaves Homeostat once, in `token`; a repeated request (same Idempotency-Key) finds the
 * token without it, for only the hash was kept.
 */
export const createToken = async (
  world: ManageWorld,
  caller: Caller,
  input: TokenInput,
  options: {
    readonly newSecret: () => string;
    readonly request?: { id: string; requestHash: string } | undefined;
  },
): Promise<{ readonly record: TokenRecord; readonly token: string | null; readonly pending?: Pending }> => {
  requireOwn(caller, input);
  const now = world.clock();
  const id = options.request?.id ?? world.newId().replaceAll('-', '').slice(0, 24);
  const token = formatToken(id, options.newSecret());
  const record: TokenRecord = {
    id,
    accountId: world.place.accountId,
    region: world.place.region,
    name: input.name,
    hash: hashOf(token),
    scopes: input.scopes,
    deployments: input.deployments,
    createdBy: caller.principal,
    createdAt: now,
    ...(input.expiresInDays !== null && {
      expiresAt: Math.floor(now / 1000) + input.expiresInDays * daySeconds,
    }),
    lastUsedAt: 0,
    revision: 1,
  };
  const key = tokenKey(id);
  const outbox = withEvent(key, [], audited(caller, undefined, record), now);
  const written = await writeVersion(world.state, {
    key,
    expected: undefined,
    fields: {
      ...record,
      requestHash: options.request?.requestHash,
      ...outbox,
      outbox: asValue(outbox.outbox),
    },
    attempt: world.newId(),
    now,
  });
  return written === 'written'
    ? { record, token, pending: { key, revision: record.revision, outbox: outbox.outbox } }
    : { record: await earlier(world, id, options.request), token: null };
};

const earlier = async (
  world: ManageWorld,
  id: string,
  request: { readonly requestHash: string } | undefined,
): Promise<TokenRecord> => {
  const item = await world.state.get(tokenKey(id), { consistent: true });
  const record = item && toTokenRecord(item);
  if (!item || !record) throw new DomainError('CONFLICT', 'The token could not be made just now. Try again.');
  if (item.requestHash !== request?.requestHash) {
    throw new DomainError('VALIDATION_ERROR', 'This Idempotency-Key was used for another request.', [
      {
        path: 'Idempotency-Key',
        message: 'Use a new key for a new request; the same key only repeats the same one.',
      },
    ]);
  }
  return record;
};

const isMine = (caller: Caller, token: TokenRecord): boolean =>
  isWithin(token.deployments, caller.deployments);

/** Tokens whose deployments the caller reaches all, revoked ones too until they expire. `after` is a token id. */
export const listTokens = async (
  state: Pick<Table, 'query'>,
  caller: Caller,
  limit: number,
  after: string | undefined,
): Promise<{ readonly tokens: readonly TokenRecord[]; readonly next: string | undefined }> => {
  const found: TokenRecord[] = [];
  let from = after;
  const first = after === undefined ? 0 : Number(tokenKey(after).pk.split('#')[1]);
  for (let bucket = first; bucket < tokenBuckets; bucket++) {
    do {
      const page = await state.query({
        pk: `TOKENS#${bucket}`,
        limit: limit + 1,
        ...(from !== undefined && { after: from }),
      });
      for (const item of page.items) {
        const token = toTokenRecord(item);
        if (!token || !isMine(caller, token)) continue;
        if (found.length === limit) return { tokens: found, next: found.at(-1)?.id };
        found.push(token);
      }
      from = page.next;
    } while (from !== undefined);
  }
  return { tokens: found, next: undefined };
};

/** What the audit keeps of a token: neither its secret nor the hash of it. */
const sideOf = ({ name, scopes, deployments, expiresAt, revokedAt }: TokenRecord) => ({
  name,
  scopes,
  deployments,
  expiresAt: expiresAt === undefined ? null : toIso(expiresAt * 1000),
  revokedAt: revokedAt === undefined ? null : toIso(revokedAt),
});

const audited = (caller: Caller, before: TokenRecord | undefined, after: TokenRecord): HomeostatEvent =>
  recorded(
    {
      by: caller.principal,
      action: before ? 'revoked' : 'created',
      kind: 'token',
      subjectId: after.id,
      name: after.name,
      deploymentId: null,
      before: before ? sideOf(before) : null,
      after: sideOf(after),
    },
    {
      id: `audit:token:${after.id}@${after.revision}`,
      at: after.revokedAt ?? after.createdAt,
      place: after,
    },
  );

/**
 * Revokes a token; it opens nothing any more within 60 seconds. Revoking it again changes nothing. What it gives is to
 * be published after the write.
 */
export const revokeToken = async (
  world: ManageWorld,
  caller: Caller,
  id: string,
): Promise<Pending | undefined> => {
  const key = tokenKey(id);
  const item = await world.state.get(key, { consistent: true });
  const token = item && toTokenRecord(item);
  if (!token || !isMine(caller, token)) {
    throw new DomainError('NOT_FOUND', 'There is no such token. List them at GET /api/v1/monitoring/tokens.');
  }
  if (token.revokedAt !== undefined) return undefined;
  const now = world.clock();
  const revoked = { ...token, revokedAt: now, revision: token.revision + 1 };
  const outbox = withEvent(key, unsentOf(item), audited(caller, token, revoked), now);
  const set: Record<string, Value> = {
    revokedAt: now,
    revision: revoked.revision,
    ...outbox,
    outbox: asValue(outbox.outbox),
  };
  if (token.expiresAt === undefined) set.expiresAt = Math.floor(now / 1000) + revokedKeptSeconds;
  try {
    // The hash never changes: it makes sure that the token is still there, and not a stub made by this write.
    await world.state.update(key, { set }, { equals: { hash: token.hash, revision: token.revision } });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Nothing but a revocation writes a new revision: somebody else's, or our own whose acknowledgement was lost. Either
    // item carries its event, and the sweeper sends it.
    return undefined;
  }
  return { key, revision: revoked.revision, outbox: outbox.outbox };
};
