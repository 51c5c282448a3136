import { useMemo } from 'preact/hooks';
import { useStandings, withStanding } from './hooks.ts';
import type { Schemas } from './operations.ts';
import { useList } from './queries.ts';

export type Check = Schemas['Check'];

/** A paused check is not looked at: to the API it is unknown, to a reader paused. */
export type ShownStatus = Check['status'] | 'paused';
export const shownStatus = ({ status, isPaused }: Pick<Check, 'status' | 'isPaused'>): ShownStatus =>
  isPaused ? 'paused' : status;

/** The API's own limit of one answer. */
const pageSize = 200;

/** Standings come live, and definitions when they changed: the whole list is read again only for what got lost. */
const allEveryMs = 300_000;

/** All checks within reach as they stand now, page by page until `isWhole`. Overview and list share what was read. */
export const useAllChecks = () => {
  const list = useList('checks', 'listChecks', { limit: pageSize }, { all: true, everyMs: allEveryMs });
  const revision = useStandings();
  const checks = useMemo(() => {
    void revision;
    return list.items?.map(withStanding);
  }, [list.items, revision]);
  return { ...list, checks, isWhole: checks !== undefined && !list.isMore };
};
