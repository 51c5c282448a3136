import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';

export type Answer = {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: unknown;
};

/**
 * Calls the deployed API or the distribution. The emulator serves them all on its one port and tells them apart by the
 * Host header, so that the name in the stack's output need not resolve.
 */
export const apiAt =
  (apiUrl: string, endpoint: string, alsoSent: Readonly<Record<string, string>> = {}) =>
  (token: string | undefined, method: string, path: string, body?: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers: Record<string, string> = { ...alsoSent, host: new URL(apiUrl).host };
      if (token !== undefined) headers.authorization = `Bearer ${token}`;
      if (body !== undefined) headers['content-type'] = 'application/json';
      const sent = request(new URL(path, endpoint), { method, headers, timeout: 30_000 }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          const isJson = String(response.headers['content-type']).includes('json');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: isJson && text ? JSON.parse(text) : text,
          });
        });
      });
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered in 30 s`)));
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });

export const loopback = '127.0.0.1';

const listen = async (server: Server, port: number) => {
  server.listen(port, loopback);
  await once(server, 'listening');
  const bound = server.address();
  if (typeof bound !== 'object' || !bound) throw new Error('the target has no port');
  const close = async (): Promise<void> => {
    server.close();
    await once(server, 'close');
  };
  return { port: bound.port, close };
};

/** A port that takes connections and drops them. */
export const openTcpTarget = (port = 0) =>
  listen(
    createTcpServer((socket) => socket.on('error', () => {}).end()),
    port,
  );

type Asked = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** Answers every request with `answer.status`, which the test may change, or with the status that `say` gives. */
export const openHttpTarget = async (say?: (asked: Asked) => number) => {
  const answer = { status: 200 };
  const server = createServer((asked, response) => {
    const parts: Buffer[] = [];
    asked.on('data', (part: Buffer) => parts.push(part));
    asked.on('end', () => {
      const { headers } = asked;
      const status = say?.({ headers, body: Buffer.concat(parts).toString() }) ?? answer.status;
      response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end('a target');
    });
  });
  return { answer, ...(await listen(server, 0)) };
};
