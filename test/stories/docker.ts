import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An engine on loopback that speaks Docker's API for two calls: what a container is, and its restart. */
export const openDocker = async (onRestart: (name: string) => unknown) => {
  const starts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const [, name = '', what] = /^\/containers\/([\w-]+)\/(json|restart)/.exec(request.url ?? '') ?? [];
    const started = starts.get(name) ?? 1;
    if (what === 'restart') {
      starts.set(name, started + 1);
      await onRestart(name);
      response.writeHead(204).end();
      return;
    }
    const StartedAt = new Date(started * 1000).toISOString();
    const container = { Id: name, Name: `/${name}`, State: { Status: 'running', StartedAt } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(container));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    restarts: (name: string): number => (starts.get(name) ?? 1) - 1,
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
