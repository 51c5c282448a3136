/** What the API refused, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  /** One of the API's closed set, such as `VALIDATION_ERROR`; empty when something else answered. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/** Nothing answered, or nothing that speaks the API. */
export class UnreachableError extends Error {
  /** What the operating system says: `ECONNREFUSED`, `ENOTFOUND`, …; `TIMEOUT` for no answer in time. */
  readonly code: string;

  constructor(url: string, code: string, reason: string) {
    super(`${url} does not answer: ${reason}`);
    this.name = 'UnreachableError';
    this.code = code;
  }
}

export type ClientOptions = {
  /** Where the API is, without a path: `http://127.0.0.1:3007`. */
  readonly url: string;
  readonly token: string;
  /** For one attempt. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
};

export type RequestOptions = {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** The request may have been carried out although no answer came, and doing it twice would be wrong. */
  readonly once?: true;
};

export type ApiClient = {
  readonly url: string;
  request<T>(method: string, path: string, options?: RequestOptions): Promise<T>;
  /** Every item of a paged listing. */
  list<T>(path: string, query?: RequestOptions['query']): Promise<T[]>;
};

const firstPauseMs = 250;
const longestPauseMs = 20_000;
const passing: readonly number[] = [429, 502, 503, 504];

/**
 * Speaks the HTTP API with a bearer token. What may pass is tried again with growing pauses, as Retry-After says
 * where the answer has one; refusals become ApiError with the API's own sentences.
 */
export const createClient = (options: ClientOptions): ApiClient => {
  const root = rootOf(options.url);
  const { timeoutMs = 20_000, attempts = 4, sleep = pause } = options;

  const attempt = async (
    method: string,
    path: string,
    { query, body }: RequestOptions,
  ): Promise<Response> => {
    const url = new URL(`${root}${path}`);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    try {
      return await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${options.token}`,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // The token goes to the address that was named, and nowhere else.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw unreachable(root, error, timeoutMs);
    }
  };

  const request = async <T>(method: string, path: string, given: RequestOptions = {}): Promise<T> => {
    for (let tried = 1; ; tried++) {
      const last = tried >= attempts;
      let waitMs = Math.min(firstPauseMs * 2 ** (tried - 1), longestPauseMs);
      try {
        const response = await attempt(method, path, given);
        if (response.ok) return (await contentOf(root, response)) as T;
        const again = response.status === 429 || (!given.once && passing.includes(response.status));
        if (last || !again) throw await refusalOf(response);
        const asked = Number(response.headers.get('retry-after')) * 1000;
        if (asked > 0) waitMs = Math.min(asked, longestPauseMs);
        await response.body?.cancel();
      } catch (error) {
        const safe = error instanceof UnreachableError && (!given.once || error.code === 'ECONNREFUSED');
        if (last || !safe) throw error;
      }
      await sleep(waitMs);
    }
  };

  const list = async <T>(path: string, query: RequestOptions['query'] = {}): Promise<T[]> => {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const page = await request<{ items: T[]; next: string | null }>('GET', path, {
        query: { limit: '100', ...query, cursor },
      });
      items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return items;
  };
  return { url: root, request, list };
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const rootOf = (url: string): string => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new UnreachableError(url, 'INVALID_URL', 'give a URL such as http://127.0.0.1:3007');
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
};

const unreachable = (root: string, error: unknown, timeoutMs: number): UnreachableError => {
  const { name, cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError')
    return new UnreachableError(root, 'TIMEOUT', `no answer within ${timeoutMs / 1000} s`);
  return new UnreachableError(root, cause?.code ?? 'UNKNOWN', cause?.message || cause?.code || message);
};

const contentOf = async (root: string, response: Response): Promise<unknown> => {
  if (response.status === 204) return undefined;
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreachableError(
      root,
      'NOT_JSON',
      'something else than Homeostat answers there; check the URL',
    );
  }
};

/** RFC 9457: the title, the detail, and each field at fault on its own line. */
const refusalOf = async (response: Response): Promise<ApiError> => {
  const problem = (await response.json().catch(() => ({}))) as {
    title?: string;
    detail?: string;
    code?: string;
    errors?: readonly { path: string; message: string }[];
  };
  const said = [problem.title, problem.detail].filter((text) => text !== undefined && text !== '').join(': ');
  const fields = (problem.errors ?? []).map(
    ({ path, message }) => `  ${path === '' ? '' : `${path}: `}${message}`,
  );
  const sentence = said === '' ? `The API answers with status ${response.status}.` : said;
  return new ApiError(response.status, problem.code ?? '', [sentence, ...fields].join('\n'));
};
