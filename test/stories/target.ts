import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a target does from now on: a status, a late one, closing its port, or taking requests and not answering them. */
export type Conduct = 'up' | 'failing' | 'slow' | 'closed' | 'hanging';

/** So far beyond `degradedAbove: 1s` that a busy machine makes no quick answer slow. */
const usualSlowlyMs = 1_500;

/** Something real to look at: an HTTP server on loopback whose conduct a story changes. */
export type Target = {
  /** `127.0.0.1:<port>`, for a tcp check. */
  readonly address: string;
  /** For an http check. */
  readonly url: string;
  /** `up` answers 200, `failing` 503, `slow` 200 after a second and a half, or `slowlyMs`. */
  become(conduct: Conduct): Promise<void>;
  /** How many requests arrived. */
  requests(): number;
  /** Resolves when so many requests wait for an answer. */
  hung(count: number): Promise<void>;
  /** Answers all that wait. */
  release(status: number): void;
  close(): Promise<void>;
};

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });

const stopListening = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** `slowMs`: how long an answer takes; `slowlyMs`: how long a slow one does. */
export const openTarget = async ({
  slowMs = 0,
  slowlyMs = usualSlowlyMs,
}: {
  readonly slowMs?: number | undefined;
  readonly slowlyMs?: number | undefined;
} = {}): Promise<Target> => {
  let conduct: Conduct = 'up';
  let seen = 0;
  let held: ServerResponse[] = [];
  let watchers: { readonly count: number; readonly resolve: () => void }[] = [];
  const tellWatchers = (): void => {
    for (const { resolve } of watchers.filter(({ count }) => held.length >= count)) resolve();
    watchers = watchers.filter(({ count }) => held.length < count);
  };
  const server = createServer((_request, response) => {
    seen++;
    if (conduct === 'hanging') {
      held.push(response);
      tellWatchers();
    } else {
      const status = conduct === 'failing' ? 503 : 200;
      const answer = () => response.writeHead(status, { connection: 'close' }).end();
      const lateMs = conduct === 'slow' ? slowlyMs : slowMs;
      if (lateMs === 0) answer();
      else setTimeout(answer, lateMs);
    }
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (server.listening) await stopListening(server);
    held = [];
  };
  return {
    address: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/`,
    async become(next) {
      conduct = next;
      if (next === 'closed') await close();
      else if (!server.listening) await listen(server, port);
    },
    requests: () => seen,
    hung: (count) =>
      new Promise((resolve) => {
        watchers.push({ count, resolve });
        tellWatchers();
      }),
    release(status) {
      for (const response of held) response.writeHead(status, { connection: 'close' }).end();
      held = [];
    },
    close,
  };
};
