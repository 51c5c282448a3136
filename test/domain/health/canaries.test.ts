import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blinded, isDoubtful } from '../../../shared/health/blindness.ts';
import { failedWays, parseCanaries } from '../../../shared/health/canaries.ts';
import { emptyHead } from '../../../shared/health/head.ts';
import { openPorts } from '../../../shared/health/probing/open-ports.ts';
import { CannotTell, TargetFailed } from '../../../shared/health/probing/outcome.ts';
import type { Resolve } from '../../../shared/health/probing/resolve.ts';
import type { Unreachable } from '../../../shared/health/run.ts';
import { noon, seen, stateOf } from './builders.ts';
import { lookAll, loopback } from './look.ts';
import { openTargets } from './servers.ts';
import { letters } from './timeline.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const offline: Resolve = async (host) => {
  throw new CannotTell(`no name server answered for ${host} (EAI_AGAIN)`, { isWayOut: true });
};
const waysOf = async (canaries: readonly string[], resolve: Resolve = async (host) => [host]) => [
  ...(await failedWays(canaries, {
    network: { resolve, policy: loopback },
    ports: openPorts({ now: () => noon }),
    now: () => noon,
  })),
];

describe('canaries', () => {
  test('one that answers is enough, and then nothing failed', async () => {
    const port = await targets.tcp(() => {});
    expect(await waysOf([`127.0.0.1:${port}`, `127.0.0.1:${await targets.closedPort()}`])).toEqual([]);
  });

  test('when none answers, the way on which they lie failed, and only that', async () => {
    expect(await waysOf([`127.0.0.1:${await targets.closedPort()}`])).toEqual(['private']);
    expect(await waysOf(['one.example.com:443', 'two.example.com:443'], offline)).toEqual(['public']);
  });

  test('the internet away, what stands beside us is still judged as ever', async () => {
    const port = await targets.tcp(() => {});
    const resolve: Resolve = (host) => (host === '127.0.0.1' ? Promise.resolve([host]) : offline(host));
    expect(await waysOf([`127.0.0.1:${port}`, 'one.example.com:443'], resolve)).toEqual(['public']);
  });

  test('one that the address guard refuses says nothing', async () => {
    expect(await waysOf(['169.254.169.254:80', '10.1.2.3:80'])).toEqual([]);
  });

  test('that are no host:port are a fault of the setting', async () => {
    expect(parseCanaries(' one.example.com:443, 192.0.2.1:53,')).toEqual([
      'one.example.com:443',
      '192.0.2.1:53',
    ]);
    await expect(waysOf(['one.example.com'])).rejects.toThrow(
      'canaries: one.example.com is not host:port, such as one.example.com:443',
    );
  });
});

describe('what a probe could not reach', () => {
  test('is told with the way on which it lies; what answered, or what we refused, is not among it', async () => {
    const port = await targets.tcp((socket) => socket.end());
    const resolve: Resolve = async (host) => {
      if (host === 'nobody.example.com') return offline(host);
      if (host === 'gone.example.com') throw new TargetFailed(`the name ${host} does not resolve`, 'network');
      return ['10.1.2.3'];
    };
    const checks = [
      { type: 'tcp', target: `127.0.0.1:${port}` },
      { type: 'http', target: `http://127.0.0.1:${port}/` },
      { type: 'tcp', target: `127.0.0.1:${await targets.closedPort()}` },
      { type: 'tcp', target: 'nobody.example.com:443' },
      { type: 'tcp', target: 'gone.example.com:443' },
      { type: 'tcp', target: 'nas.local:443' },
    ];
    const {
      seen: all,
      unreachable,
      reached = new Set(),
    } = await lookAll(
      checks.map((check) => ({ ...check, retries: 0 })),
      { resolve },
    );
    const byNo = all.toSorted((left, right) => left.no - right.no);
    expect(byNo.map(({ status }) => status)).toEqual([
      'healthy',
      'unhealthy',
      'unhealthy',
      'unknown',
      'unhealthy',
      'unknown',
    ]);
    expect(Object.fromEntries(unreachable)).toEqual({ 3: 'private', 4: 'public', 5: 'public' });
    expect([...reached]).toEqual(['private']);
  });
});

describe('when the monitor doubts itself (fault 14)', () => {
  /** U answers, D answers wrongly, x cannot be reached, ? is refused by us; capitals X failed in the slot before too. */
  const looked = (line: string) => {
    const all = line.split(' ').map((letter, at) => ({ no: at + 1, letter }));
    const isOut = ({ letter }: { letter: string }) => letter.toLowerCase() === 'x';
    return {
      seen: all.map((one) => seen(one.no, letters[isOut(one) ? 'D' : one.letter])),
      unreachable: new Map(all.filter(isOut).map(({ no }) => [no, 'public' as Unreachable])),
      head: {
        ...emptyHead('home.public.60.0'),
        checks: new Map(
          all.map(({ no, letter }) => [no, stateOf({ failures: letter === 'X' ? 1 : 0 })] as const),
        ),
      },
    };
  };
  test.each([
    { rule: 'half that cannot be reached, three at least', line: 'x x x U U U', doubts: true },
    { rule: 'fewer than half is the targets’ own', line: 'x x x U U U U', doubts: false },
    { rule: 'two of four are too few', line: 'x x U U', doubts: false },
    { rule: 'what failed before is no news', line: 'X X x x U', doubts: false },
    { rule: 'nothing answers well, and something is out of reach', line: 'X', doubts: true },
    { rule: 'a wrong answer is an answer, and no success', line: 'D D X', doubts: true },
    { rule: 'wrong answers alone came through', line: 'D D D D', doubts: false },
    { rule: 'what we refuse says nothing', line: '? ? ?', doubts: false },
  ])('$rule: $line', ({ line, doubts }) => {
    const { head, ...seenNow } = looked(line);
    expect(isDoubtful(seenNow, head)).toBe(doubts);
  });

  test.each([
    { rule: 'nothing came back on that way, though another works', reached: ['private'], doubts: true },
    { rule: 'something came back on it', reached: ['private', 'public'], doubts: false },
  ] as const)('$rule: a way is doubted by itself, one target of many on it', ({ reached, doubts }) => {
    const { head, ...seenNow } = looked('x U U U U U U');
    expect(isDoubtful({ ...seenNow, reached: new Set(reached) }, head)).toBe(doubts);
  });

  test('blind already, anything out of reach is a doubt', () => {
    const { head, ...seenNow } = looked('x U U U U U U');
    expect(isDoubtful(seenNow, { ...head, blindSince: noon })).toBe(true);
    expect(isDoubtful(looked('U U D'), { ...head, blindSince: noon })).toBe(false);
  });

  test('only what lies on the failed way becomes unknown', () => {
    const { seen: all } = looked('x x U D');
    const unreachable = new Map<number, Unreachable>([
      [1, 'public'],
      [2, 'private'],
    ]);
    const result = blinded({ seen: all, unreachable }, new Set(['public']));
    expect(result.map(({ status, isBlind = false }) => [status, isBlind])).toEqual([
      ['unknown', true],
      ['unhealthy', false],
      ['healthy', false],
      ['unhealthy', false],
    ]);
    expect(result[0]?.reason).toBe(
      'the monitor is blind: neither its targets nor its canaries answer (connect ECONNREFUSED 192.0.2.1:443)',
    );
  });
});
