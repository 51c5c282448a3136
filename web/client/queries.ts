import {
  type InfiniteData,
  keepPreviousData,
  QueryClient,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/preact-query';
import { useEffect, useMemo } from 'preact/hooks';
import { type Answer, type CallOptions, call, type OperationId, type Request } from './call.ts';
import { asProblem, Problem } from './problem.ts';

/** What `readChanges` names as changed; the first part of the key under which an answer is kept. */
export type Topic = Answer<'readChanges'>['topics'][number];

/** Answers come anew when their topic changed; this is for what a hint got lost of. */
const refreshMs = 60_000;

export const newQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: refreshMs / 2,
        refetchInterval: refreshMs,
        gcTime: 10 * refreshMs,
        // A refusal stays a refusal; what does not answer is asked again, each time later.
        retry: (failures, error) =>
          failures < 3 && error instanceof Problem && (error.status === 0 || error.status >= 429),
        retryDelay: (failures) => Math.min(1000 * 2 ** failures, 15_000),
        // The console tells by itself how old what it shows is.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });

type ReadOptions = {
  /** False: not yet. */
  readonly enabled?: boolean;
  /** Ask again each so many milliseconds: for what runs just now. */
  readonly everyMs?: number | false;
};

/**
 * What one reading operation answers, kept under its topic and refreshed when that changed:
 * `useRead('incidents', 'readIncident', { params: { id } })`.
 */
export const useRead = <Id extends OperationId>(
  topic: Topic,
  id: Id,
  request: Request<Id>,
  { enabled = true, everyMs = refreshMs }: ReadOptions = {},
): UseQueryResult<Answer<Id>, Error> =>
  useQuery<Answer<Id>, Error>({
    queryKey: [topic, id, request],
    queryFn: ({ signal }) => call(id, request, { signal }),
    enabled,
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  });

type Page<T> = { readonly items: readonly T[]; readonly next: string | null };
type PagedId = { [Id in OperationId]: Answer<Id> extends Page<unknown> ? Id : never }[OperationId];
type ItemOf<Id extends PagedId> = Answer<Id>['items'][number];

export type ListRead<T> = {
  /** Undefined before the first answer. */
  readonly items: readonly T[] | undefined;
  readonly error: Error | null;
  /** More pages are being read, or could be. */
  readonly isMore: boolean;
  readonly isReading: boolean;
  /** Epoch ms of the newest answer; 0 before. */
  readonly readAt: number;
  more(): void;
};

/** A list page by page. With `all`, the pages follow one another by themselves, and what is there is shown meanwhile. */
export const useList = <Id extends PagedId>(
  topic: Topic,
  id: Id,
  query: NonNullable<Request<Id>['query']>,
  {
    all = false,
    enabled = true,
    everyMs = refreshMs,
    params,
  }: ReadOptions & { readonly all?: boolean; readonly params?: Request<Id>['params'] } = {},
): ListRead<ItemOf<Id>> => {
  const read = useInfiniteQuery<
    Answer<Id>,
    Error,
    InfiniteData<Answer<Id>>,
    readonly unknown[],
    string | null
  >({
    queryKey: [topic, id, params, query],
    initialPageParam: null,
    queryFn: ({ signal, pageParam }) =>
      call(
        id,
        {
          params,
          query: { ...query, ...(pageParam !== null && { cursor: pageParam }) },
        } as unknown as Request<Id>,
        { signal },
      ),
    getNextPageParam: (page) => (page as Page<unknown>).next,
    enabled,
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  });
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage, dataUpdatedAt } = read;
  useEffect(() => {
    if (all && hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [all, hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
  // The same array while nothing came: whoever sorts two thousand rows does so once.
  const items = useMemo(
    () => read.data?.pages.flatMap((page) => (page as Page<ItemOf<Id>>).items),
    [read.data],
  );
  return {
    items,
    error: read.error,
    isMore: hasNextPage,
    isReading: read.isFetching,
    readAt: dataUpdatedAt,
    more: () => void fetchNextPage(),
  };
};

/** What a change answers; one that answers nothing is `done`. */
type Done<Id extends OperationId> = Answer<Id> extends undefined ? 'done' : Answer<Id>;

export type Write<Id extends OperationId> = {
  /** Undefined when it was refused: `problem` says why. What answers nothing answers `done`. */
  run(request: Request<Id>, options?: CallOptions): Promise<Done<Id> | undefined>;
  readonly isPending: boolean;
  readonly problem: Problem | undefined;
  /** Forgets the last refusal. */
  reset(): void;
};

/** A changing operation; what is kept under `topics` is asked for anew once it succeeded. */
export const useWrite = <Id extends OperationId>(id: Id, topics: readonly Topic[]): Write<Id> => {
  const client = useQueryClient();
  const mutation = useMutation<Answer<Id>, Error, { request: Request<Id>; options: CallOptions }>({
    mutationFn: ({ request, options }) => call(id, request, options),
    // What was refused because it changed meanwhile is shown as it is now, so that it can be decided anew.
    onError: (error) => {
      if (!(error instanceof Problem) || (error.status !== 412 && error.status !== 409)) return;
      for (const topic of topics) void client.invalidateQueries({ queryKey: [topic] });
    },
    onSuccess: () => Promise.all(topics.map((topic) => client.invalidateQueries({ queryKey: [topic] }))),
  });
  return {
    async run(request, options = {}) {
      try {
        return ((await mutation.mutateAsync({ request, options })) ?? 'done') as Done<Id>;
      } catch {
        return undefined;
      }
    },
    isPending: mutation.isPending,
    problem: mutation.error ? asProblem(mutation.error) : undefined,
    reset: () => mutation.reset(),
  };
};
