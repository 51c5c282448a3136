import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export const program = join(import.meta.dirname, '../../cli/main.ts');

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs the program in `folder` as a shell would, with nothing of this process's environment but what it needs. */
export const runIn = (
  folder: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
  entry = program,
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [entry, ...args], {
      cwd: folder,
      env: { PATH: '', ...environment },
    });
    const heard = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      heard.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      heard.err += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...heard }));
  });

/** The real API with its real authorizer, over HTTP on loopback. `onRequest` hears of each request before it is answered. */
export const serveApi = async (
  onRequest: (path: string, body: string) => unknown = () => {},
): Promise<{ readonly url: string; close(): void }> => {
  const { call } = await import('./api-client.ts');
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    await onRequest(request.url ?? '', body);
    const answer = await call(request.method ?? 'GET', request.url ?? '/', { token, ...(body && { body }) });
    response.writeHead(answer.status, answer.headers).end(answer.text || undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
};
