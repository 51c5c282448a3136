import type { CreateRequest } from '../catalog/index.ts';
import type { Reach } from '../platform/api/caller.ts';
import { requireRevision } from '../platform/api/expects.ts';
import type { Clock } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import { type Pending, settled } from '../platform/outbox/index.ts';
import type { Mute } from './mute.ts';
import { type MatcherInput, reachesMute, readMuteMatchers, requireMuteReach } from './mute-input.ts';
import { loadStoredMute, type MuteWorld, type StoredMute, writeAudited } from './write-mute.ts';

export type SilenceInput = {
  readonly matchers: readonly MatcherInput[];
  readonly reason: string;
  /** Epoch ms; now, or as it was, when left out. */
  readonly startsAt?: number | undefined;
  /** Epoch ms; or `durationSeconds` from the start or, where that is past, from now on. One of them is needed. */
  readonly endsAt?: number | undefined;
  readonly durationSeconds?: number | undefined;
};

export type DefineMuteWorld = MuteWorld & { readonly clock: Clock };
export type Asked = {
  readonly reach: Reach;
  /** The principal who asks: the author, and what the audit keeps. */
  readonly by: string;
};
type ChangeOptions = Asked & { readonly expects?: readonly number[] | 'any' | undefined };

/** What became of a mute; `pending` is to be published after the write. */
export type DefinedMute<O extends string> = {
  readonly outcome: O;
  readonly mute: Mute;
  readonly pending?: Pending;
};

/** Nobody remembers a silence of a season, and what fires meanwhile is not told. */
export const mostSilentDays = 90;
const dayMs = 86_400_000;

const refused = (path: string, message: string): DomainError =>
  new DomainError('VALIDATION_ERROR', 'A silence needs an end that is to come.', [{ path, message }]);

const spanOf = (
  { startsAt, endsAt, durationSeconds }: SilenceInput,
  now: number,
  begun: number,
): { readonly startsAt: number; readonly endsAt: number } => {
  const from = startsAt ?? begun;
  if ((endsAt === undefined) === (durationSeconds === undefined)) {
    throw refused('duration', 'Give either a duration such as 2h or an endsAt.');
  }
  const path = endsAt === undefined ? 'duration' : 'endsAt';
  const until = endsAt ?? Math.max(from, now) + (durationSeconds ?? 0) * 1000;
  if (until <= Math.max(from, now)) throw refused(path, 'Give an end that is later than now and the start.');
  if (until > Math.max(from, now) + mostSilentDays * dayMs || from > now + mostSilentDays * dayMs) {
    throw refused(path, `Give an end at most ${mostSilentDays} days away; for longer define a maintenance.`);
  }
  return { startsAt: from, endsAt: until };
};

/** Makes a silence. Throws VALIDATION_ERROR, and FORBIDDEN where it would reach further than the token. */
export const createSilence = async (
  world: DefineMuteWorld,
  input: SilenceInput,
  options: Asked & { readonly request?: CreateRequest | undefined },
): Promise<DefinedMute<'created' | 'replayed'>> => {
  const matchers = await readMuteMatchers(input.matchers);
  requireMuteReach(options.reach, { matchers });
  const now = world.clock();
  const { request } = options;
  const mute: Mute = {
    id: request?.id ?? world.newId().replaceAll('-', '').slice(0, 24),
    kind: 'silence',
    matchers,
    author: options.by,
    reason: input.reason,
    ...spanOf(input, now, now),
    managedBy: 'api',
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
  return settled<DefinedMute<'created' | 'replayed'>>('The silence', async () => {
    const stored = await loadStoredMute(world.state, mute.id);
    if (stored) return { outcome: 'replayed', mute: sameRequest(stored, request) };
    const written = { by: options.by, action: 'created', requestHash: request?.requestHash };
    const pending = await writeAudited(world, undefined, mute, written);
    return pending ? { outcome: 'created', mute, pending } : 'conflict';
  });
};

const sameRequest = (stored: StoredMute, request: CreateRequest | undefined): Mute => {
  if (stored.requestHash === request?.requestHash) return stored.mute;
  throw new DomainError('VALIDATION_ERROR', 'This Idempotency-Key was used for another request.', [
    {
      path: 'Idempotency-Key',
      message: 'Use a new key for a new request; the same key only repeats the same one.',
    },
  ]);
};

/** The mute of this kind within reach. Throws NOT_FOUND alike for what is not there and what is out of reach. */
export const requireMute = async (
  state: MuteWorld['state'],
  { id, kind, reach }: { readonly id: string; readonly kind: Mute['kind']; readonly reach: Reach },
): Promise<StoredMute> => {
  const stored = await loadStoredMute(state, id);
  const isThere = stored?.mute.kind === kind && stored.mute.deletedAt === undefined;
  if (stored && isThere && reachesMute(reach, stored.mute)) return stored;
  const path = kind === 'silence' ? 'silences' : 'maintenance';
  throw new DomainError(
    'NOT_FOUND',
    `There is no such ${kind}, or the token does not reach it. List what it reaches at GET /api/v1/monitoring/${path}.`,
  );
};

const hasEnded = (mute: Mute, now: number): boolean => mute.endsAt !== undefined && mute.endsAt <= now;

/** Extends, shortens or narrows a silence that has not ended. Its author stays. */
export const replaceSilence = async (
  world: DefineMuteWorld,
  id: string,
  input: SilenceInput,
  options: ChangeOptions,
): Promise<DefinedMute<'updated'>> => {
  const matchers = await readMuteMatchers(input.matchers);
  return settled<DefinedMute<'updated'>>('The silence', async () => {
    const stored = await requireMute(world.state, { id, kind: 'silence', reach: options.reach });
    const { mute: before } = stored;
    requireRevision(before, options.expects);
    requireMuteReach(options.reach, { matchers });
    const now = world.clock();
    if (hasEnded(before, now)) throw new DomainError('CONFLICT', 'The silence has ended. Make a new one.');
    const span = spanOf(input, now, before.startsAt);
    const next = { matchers, reason: input.reason, ...span, revision: before.revision + 1, updatedAt: now };
    const mute: Mute = { ...before, ...next };
    const pending = await writeAudited(world, stored, mute, { by: options.by, action: 'updated' });
    return pending ? { outcome: 'updated', mute, pending } : 'conflict';
  });
};

/** Ends a silence now; it stays to be seen. Once it has ended that changes nothing. */
export const expireSilence = (
  world: DefineMuteWorld,
  id: string,
  options: ChangeOptions,
): Promise<DefinedMute<'updated' | 'unchanged'>> =>
  settled<DefinedMute<'updated' | 'unchanged'>>('The silence', async () => {
    const stored = await requireMute(world.state, { id, kind: 'silence', reach: options.reach });
    const { mute: before } = stored;
    requireRevision(before, options.expects);
    const now = world.clock();
    if (hasEnded(before, now)) return { outcome: 'unchanged', mute: before };
    const startsAt = Math.min(before.startsAt, now);
    const mute: Mute = { ...before, startsAt, endsAt: now, revision: before.revision + 1, updatedAt: now };
    const pending = await writeAudited(world, stored, mute, { by: options.by, action: 'expired' });
    return pending ? { outcome: 'updated', mute, pending } : 'conflict';
  });
