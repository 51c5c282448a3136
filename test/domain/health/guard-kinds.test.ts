import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkKinds } from '../../../shared/health/kinds/index.ts';
import { type NetworkPolicy, parseRanges } from '../../../shared/health/probing/guard.ts';
import type { Resolve } from '../../../shared/health/probing/resolve.ts';
import { look } from './look.ts';

/** How each kind that goes anywhere names the host it goes to. */
const ways: Readonly<
  Record<string, (host: string, port: number) => { target: string; config?: Record<string, unknown> }>
> = {
  http: (host, port) => ({ target: `http://${host}:${port}/` }),
  tcp: (host, port) => ({ target: `${host}:${port}` }),
  tls: (host, port) => ({ target: `${host}:${port}` }),
  dns: (host, port) => ({ target: 'shop.test', config: { resolver: `${host}:${port}` } }),
  websocket: (host, port) => ({ target: `ws://${host}:${port}/` }),
  grpc: (host, port) => ({ target: `${host}:${port}` }),
  postgres: (host, port) => ({ target: `${host}:${port}`, config: { username: 'monitor' } }),
  mysql: (host, port) => ({ target: `${host}:${port}`, config: { username: 'monitor' } }),
  redis: (host, port) => ({ target: `${host}:${port}` }),
};
/** Kinds that go to no host of anyone's choosing. */
const stayingHome = ['heartbeat', 'composite', 'lambda', 'resource'];

const policy = (allowed: string, given: Partial<NetworkPolicy> = {}): NetworkPolicy => ({
  allowedPrivateRanges: parseRanges(allowed),
  insideLambda: false,
  insideVpc: true,
  ...given,
});
const nothing = policy('');
const everything = policy('0.0.0.0/0, ::/0');
const deployed = policy('0.0.0.0/0, ::/0', { insideLambda: true });

/** What a hostile name server may answer. */
const answers: Readonly<Record<string, readonly string[]>> = {
  'inner.test': ['127.0.0.1'],
  'mixed.test': ['93.184.216.34', '127.0.0.1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'metadata.test': ['169.254.169.254'],
  'metadata6.test': ['fd00:ec2::254'],
  localhost: ['127.0.0.1', '::1'],
};
const resolve: Resolve = async (host) => answers[host] ?? [];

/** Counts whoever comes, over TCP and UDP, at one port of loopback; so a way round the guard would be seen. */
const visitors = { count: 0, port: 0 };
const tcp = createServer((socket) => {
  visitors.count++;
  socket.on('error', () => {}).destroy();
});
const udp = createSocket('udp4').on('message', () => {
  visitors.count++;
});
beforeAll(async () => {
  await new Promise<void>((done) => tcp.listen(0, '127.0.0.1', done));
  visitors.port = (tcp.address() as AddressInfo).port;
  await new Promise<void>((done) => udp.bind(visitors.port, '127.0.0.1', done));
});
afterAll(() => {
  tcp.close();
  udp.close();
});

const probe = (kind: string, host: string, given: NetworkPolicy) =>
  look({ type: kind, timeoutSeconds: 1, ...ways[kind]?.(host, visitors.port) }, { resolve, policy: given });

const toLoopback = [
  '127.0.0.1',
  '127.0.0.1.',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '127.1',
  '127.0.1',
  '0',
  '0.0.0.0',
  '127.0.0.1%00',
  '１２７.０.０.１',
  '127。0。0。1',
  '①②⑦.⓪.⓪.①',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:4136:e378:8000:63bf:80ff:fffe]',
  '[::1%25lo]',
  'user@127.0.0.1',
  'example.com@127.0.0.1',
  'localhost',
  'inner.test',
  'mixed.test',
  'mapped.test',
] as const;

const toMetadata = [
  '169.254.169.254',
  '169.254.169.254.',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '１６９.２５４.１６９.２５４',
  // Where ECS and EKS hand out a task's and a pod's credentials.
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::254]',
  '[fd00:ec2::23]',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[fe80::1]',
  '[fe80::a9fe:a9fe%25eth0]',
  '100.100.100.200',
  '168.63.129.16',
  'metadata.test',
  'metadata6.test',
  'user@169.254.169.254',
] as const;

describe('the guard stands before every kind that goes to a host (faults 24 to 27)', () => {
  test('every kind is named here', () => {
    expect([...Object.keys(ways), ...stayingHome].sort()).toEqual(Object.keys(checkKinds).sort());
  });

  describe.each(Object.keys(ways))('%s', (kind) => {
    test('goes where it may: these tests would see it', async () => {
      visitors.count = 0;
      await probe(kind, '127.0.0.1', everything);
      expect(visitors.count).toBeGreaterThan(0);
    });

    test.each(toLoopback)('%s is no way to loopback', async (host) => {
      visitors.count = 0;
      for (const given of [nothing, deployed]) {
        const seen = await probe(kind, host, given);
        expect(seen).toMatchObject({ status: 'unknown' });
        expect(seen.reason).toBeTruthy();
      }
      expect(visitors.count).toBe(0);
    });

    test.each(toMetadata)('%s is no way to credentials, whatever is allowed', async (host) => {
      for (const given of [nothing, everything, deployed]) {
        expect(await probe(kind, host, given)).toMatchObject({ status: 'unknown' });
      }
    });
  });

  test.each(['tcp', 'tls', 'websocket', 'grpc', 'http', 'redis'])(
    '%s asks once for a name, and goes to the address that was judged (fault 25)',
    async (kind) => {
      visitors.count = 0;
      let asked = 0;
      const rebinding: Resolve = async () => (asked++ === 0 ? ['127.0.0.1'] : ['169.254.169.254']);
      await look(
        { type: kind, timeoutSeconds: 1, ...ways[kind]?.('rebind.test', visitors.port) },
        { resolve: rebinding, policy: everything },
      );
      expect({ asked, visitors: visitors.count }).toEqual({ asked: 1, visitors: 1 });
    },
  );
});
