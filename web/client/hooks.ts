import { useEffect, useState } from 'preact/hooks';
import type { Answer } from './call.ts';
import { currentStandingsRevision, onStandings, standingOf } from './live.ts';
import { useRead } from './queries.ts';
import { currentSession, onSessionChange } from './session.ts';

export const useSession = () => {
  const [session, setSession] = useState(currentSession);
  useEffect(() => onSessionChange(() => setSession(currentSession())), []);
  return session;
};

export type Identity = Answer<'readOwnToken'>;
export type Scope = Identity['scopes'][number];

/** Who is signed in; undefined until the API said so. */
export const useIdentity = (): Identity | undefined =>
  useRead('settings', 'readOwnToken', {}, { enabled: currentSession().token !== null }).data;

/** Whether the token has the scope: what it may not do is not offered. */
export const useMay = (scope: Scope): boolean => useIdentity()?.scopes.includes(scope) ?? false;

type Standing = {
  readonly id: string;
  readonly status: Answer<'readCheck'>['status'];
  readonly lastChecked: string | null;
  readonly responseTime: number | null;
  readonly reason: string | null;
  readonly statusSince: string | null;
};

/** Rerenders whenever standings came. */
export const useStandings = (): number => {
  const [revision, setRevision] = useState(currentStandingsRevision);
  useEffect(() => onStandings(() => setRevision(currentStandingsRevision())), []);
  return revision;
};

type Read = Standing & { readonly createdAt: string };

/** A check as it was read, or as was heard of it since. */
export const asHeard = <C extends Read>(check: C, heard: Standing | undefined): C => {
  if (heard === undefined || (heard.lastChecked ?? '') < (check.lastChecked ?? '')) return check;
  // Removed and made again it has the id of the one before, of which this was heard.
  if (heard.lastChecked !== null && heard.lastChecked < check.createdAt) return check;
  return { ...check, ...heard };
};

export const withStanding = <C extends Read>(check: C): C => asHeard(check, standingOf(check.id));
