import type { QueryClient } from '@tanstack/preact-query';
import { type Answer, call } from './call.ts';
import type { Topic } from './queries.ts';

/** How a check stands, as the last poll or list told. */
export type Standing = Answer<'readChanges'>['statuses'][number];

export type Live = {
  /** `waiting` before the first answer, `hidden` while nobody looks. */
  readonly state: 'waiting' | 'live' | 'offline' | 'hidden';
  /** Epoch ms of the last answer; 0 before. */
  readonly heardAt: number;
};

/** An HTTP API cannot stream: a cheap question every few seconds, and later each time nobody answers. */
const firstDelayMs = 4_000;
const longestDelayMs = 60_000;

/** Standings that came after a list was read, by check id. */
const standings = new Map<string, Standing>();
const standingListeners = new Set<() => void>();
export const standingOf = (checkId: string): Standing | undefined => standings.get(checkId);
export const onStandings = (listener: () => void): (() => void) => {
  standingListeners.add(listener);
  return () => standingListeners.delete(listener);
};
let standingsRevision = 0;
export const currentStandingsRevision = (): number => standingsRevision;

/** Keeps what was heard; true when a check is otherwise than it was, so that what is counted of checks changed too. */
const keepStandings = (statuses: readonly Standing[]): boolean => {
  let isOtherwise = false;
  let isNews = false;
  for (const standing of statuses) {
    const known = standings.get(standing.id);
    // Another process may answer a little late: what is older than what is shown says nothing.
    if (known && (known.lastChecked ?? '') > (standing.lastChecked ?? '')) continue;
    isNews = true;
    isOtherwise ||= known?.status !== standing.status;
    standings.set(standing.id, standing);
  }
  if (!isNews) return false;
  standingsRevision++;
  for (const listener of standingListeners) listener();
  return isOtherwise;
};

/**
 * Follows what changes until it is stopped: asks anew for what changed, and keeps the standings of checks. Asks nothing
 * while the tab is hidden, at once when it is seen or online again, and ever later while no answer comes.
 */
export const followChanges = (client: QueryClient, tell: (live: Live) => void): (() => void) => {
  let cursor: string | undefined;
  let delayMs = firstDelayMs;
  let heardAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  let isStopped = false;
  let hasFailed = false;
  const ending = new AbortController();

  const take = ({ cursor: next, topics, statuses, pollAfterSeconds }: Answer<'readChanges'>): void => {
    cursor = next;
    delayMs = pollAfterSeconds * 1000;
    heardAt = Date.now();
    // What was refused or unanswered in the meantime is asked for again at once, not with its next turn.
    if (hasFailed)
      void client.invalidateQueries({ predicate: ({ state: { status } }) => status === 'error' });
    hasFailed = false;
    const changed = new Set<Topic>(topics);
    if (keepStandings(statuses)) changed.add('deployments');
    for (const topic of changed) void client.invalidateQueries({ queryKey: [topic] });
    tell({ state: 'live', heardAt });
  };

  const ask = async (): Promise<void> => {
    if (isStopped || isAsking) return;
    clearTimeout(timer);
    if (document.hidden) return tell({ state: 'hidden', heardAt });
    isAsking = true;
    try {
      const query = cursor === undefined ? {} : { cursor };
      const answer = await call('readChanges', { query }, { signal: ending.signal });
      // Stopped meanwhile, it is what another token may see.
      if (isStopped) return;
      take(answer);
    } catch {
      if (isStopped) return;
      hasFailed = true;
      delayMs = Math.min(delayMs * 2, longestDelayMs);
      tell({ state: 'offline', heardAt });
    } finally {
      isAsking = false;
    }
    timer = setTimeout(ask, delayMs);
  };

  const again = (): void => {
    delayMs = firstDelayMs;
    void ask();
  };
  document.addEventListener('visibilitychange', again);
  window.addEventListener('online', again);
  void ask();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    ending.abort();
    document.removeEventListener('visibilitychange', again);
    window.removeEventListener('online', again);
    standings.clear();
  };
};
