import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CannotTell, mostTelling, TargetFailed } from '../../../shared/health/probing/outcome.ts';
import { directResolve } from '../../../shared/health/probing/resolve.ts';
import { look, lookAll, portsWith } from './look.ts';
import { openNameServer } from './name-server.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const never = () => new Promise<never>(() => {});
const place = '$'.concat('{secret:TOKEN}');

describe('what our own side does not answer in time says nothing about the target (fault 16)', () => {
  test('a secret that nobody reads to us', async () => {
    const port = await targets.http((_request, response) => response.end());
    const seen = await look(
      {
        target: `http://127.0.0.1:${port}/`,
        timeoutSeconds: 0.2,
        config: { headers: { authorization: `Bearer ${place}` } },
      },
      { ports: portsWith({ secret: never }) },
    );
    expect(seen).toMatchObject({ status: 'unknown', reason: 'secrets could not be read within 0.2 s' });
    expect(seen.timedOut).toBeUndefined();
  });

  test.each([
    {
      type: 'composite',
      config: { members: ['a'] },
      ports: { members: never },
      reason: 'the standings of other checks could not be read within 0.2 s',
    },
    {
      type: 'heartbeat',
      config: { every: 60 },
      ports: { lastPing: never },
      reason: 'pings could not be read within 0.2 s',
    },
  ])('a table that a $type waits for', async ({ type, config, ports, reason }) => {
    const seen = await look({ type, target: type, config, timeoutSeconds: 0.2 }, { ports: portsWith(ports) });
    expect(seen).toMatchObject({ status: 'unknown', reason });
  });

  test('a target that hangs after the secret was read is still blamed', async () => {
    const port = await targets.http(() => {});
    const seen = await look(
      {
        target: `http://127.0.0.1:${port}/`,
        timeoutSeconds: 0.2,
        config: { headers: { authorization: `Bearer ${place}` } },
      },
      { ports: portsWith({ secret: async () => 'value' }) },
    );
    expect(seen).toMatchObject({ status: 'unhealthy', reason: 'no answer within 0.2 s', timedOut: true });
  });
});

test('no name server at all counts as our own way out in a step and for a name, too (fault 14)', async () => {
  const withoutServers = async () => {
    throw new CannotTell('no name server answered', { isWayOut: true });
  };
  const { unreachable } = await lookAll(
    [
      {
        target: 'http://shop.example.com/',
        config: { steps: [{ method: 'GET', url: '/', headers: {} }] },
        retries: 0,
      },
    ],
    { resolve: withoutServers },
  );
  expect([...unreachable]).toEqual([[1, 'public']]);
});

describe('of several addresses that failed, the one that tells most is told', () => {
  const refused = new TargetFailed('connect ECONNREFUSED 192.0.2.1:80', 'network');
  const noRoute = new CannotTell('connect ENETUNREACH 2001:db8::1', { isWayOut: true });

  test.each([
    { what: 'a target that refused before a family we cannot reach', failures: [refused, noRoute] },
    { what: 'a target that refused after one', failures: [noRoute, refused] },
  ])('$what is down, and not unknown', ({ failures: [first, second] }) => {
    expect(mostTelling(first, second as Error)).toBe(refused);
  });

  test('where nothing was learned of the target, nothing is said of it but that we have no way out', () => {
    expect(mostTelling(undefined, noRoute)).toBe(noRoute);
    expect(mostTelling(noRoute, new CannotTell('connect EADDRNOTAVAIL ::1'))).toBe(noRoute);
  });
});

test('a name whose servers answer for IPv4 only is known without waiting out the question for IPv6', async () => {
  const server = await openNameServer((_name, type) =>
    type === 'A' ? { records: [Buffer.from([127, 0, 0, 1])] } : 'silence',
  );
  const startedAt = performance.now();
  expect(await directResolve([`127.0.0.1:${server.port}`])('half.example.test')).toEqual(['127.0.0.1']);
  expect(performance.now() - startedAt).toBeLessThan(1500);
  server.close();
});
