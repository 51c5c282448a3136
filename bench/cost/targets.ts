import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How long targets take: half within 120 ms, 95 % within 400, 99 % within 1.5 s. Between the points by exponent. */
const points = [
  [0, 40],
  [0.5, 120],
  [0.95, 400],
  [0.99, 1500],
  [1, 3000],
] as const;

export const delayAt = (share: number): number => {
  const above = points.findIndex(([at]) => at >= share);
  const [toShare, toMs] = points[Math.max(1, above)] ?? [1, 3000];
  const [fromShare, fromMs] = points[Math.max(1, above) - 1] ?? [0, 40];
  return fromMs * (toMs / fromMs) ** ((share - fromShare) / (toShare - fromShare));
};

/** A generator with a seed (mulberry32), so that each run of the bench meets the same delays. */
const sequence = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export type Targets = { readonly port: number; close(): void };

/** `/` answers after such a delay, `/hanging` never. */
export const startTargets = async (): Promise<Targets> => {
  const next = sequence(1);
  const server = createServer((request, response) => {
    if (request.url === '/hanging') return;
    setTimeout(() => response.end('well'), delayAt(next()));
  });
  server.keepAliveTimeout = 1;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', 1024, done));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
