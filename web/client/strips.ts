import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, call } from './call.ts';

type StripAnswer = Answer<'readCheckStrips'>;
export type CheckStrip = StripAnswer['items'][number] & Pick<StripAnswer, 'from' | 'bucketSeconds'>;

/** The API takes no more ids in one question. */
const mostIds = 100;
/** Rows that fly past while somebody scrolls are not asked for. */
const restMs = 150;
const freshMs = 300_000;

type Kept = { readonly strip: CheckStrip | undefined; readonly readAt: number };

/** Which of the ids to ask for now: those never read, or read too long ago; at most what one question takes. */
export const toRead = (
  ids: readonly string[],
  readAtOf: (id: string) => number | undefined,
  now: number,
): readonly string[] =>
  ids
    .filter((id) => {
      const readAt = readAtOf(id);
      return readAt === undefined || now - readAt > freshMs;
    })
    .slice(0, mostIds);

/**
 * The 24-hour strips of the checks that `want` named last. They are asked for together, once the ids rest for a moment, and
 * again every few minutes as long as they are wanted. One that could not be read is asked for again with the next that are.
 */
export const useStrips = (): {
  stripOf(id: string): CheckStrip | undefined;
  want(ids: readonly string[]): void;
  /** Another number whenever strips came. */
  readonly revision: number;
} => {
  const kept = useRef(new Map<string, Kept>());
  const wanted = useRef<readonly string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const ending = useRef(new AbortController());
  const isAsking = useRef(false);
  const [revision, setRevision] = useState(0);

  const ask = useCallback(async (): Promise<void> => {
    clearTimeout(timer.current);
    if (isAsking.current) return;
    const { signal } = ending.current;
    const ids = toRead(wanted.current, (id) => kept.current.get(id)?.readAt, Date.now());
    let againMs = freshMs / 5;
    if (ids.length > 0) {
      isAsking.current = true;
      try {
        const { items, from, bucketSeconds } = await call(
          'readCheckStrips',
          { query: { ids: ids.join(',') } },
          { signal },
        );
        const came = new Map(items.map((item) => [item.id, { ...item, from, bucketSeconds }]));
        for (const id of ids) kept.current.set(id, { strip: came.get(id), readAt: Date.now() });
        setRevision((before) => before + 1);
        againMs = restMs;
      } catch {
        // The list itself says that Homeostat cannot be reached.
      }
      isAsking.current = false;
    }
    if (!signal.aborted) timer.current = setTimeout(ask, againMs);
  }, []);

  const want = useCallback(
    (ids: readonly string[]): void => {
      wanted.current = ids;
      clearTimeout(timer.current);
      timer.current = setTimeout(ask, restMs);
    },
    [ask],
  );
  useEffect(() => {
    ending.current = new AbortController();
    return () => {
      clearTimeout(timer.current);
      ending.current.abort();
    };
  }, []);
  const stripOf = useCallback((id: string) => kept.current.get(id)?.strip, []);
  return { stripOf, want, revision };
};
