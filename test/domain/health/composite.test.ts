import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { checkIdOf, membersOf } from '../../../shared/health/check.ts';
import { conditionParser, parseCondition } from '../../../shared/health/conditions/parse.ts';
import { composite } from '../../../shared/health/kinds/composite.ts';
import type { Member } from '../../../shared/health/probing/ports.ts';
import type { CheckStatus } from '../../../shared/platform/events.ts';
import { look, portsWith } from './look.ts';

/** Members of the deployment `shop` by name; a letter a status, `-` was never placed. */
const letters: Readonly<Record<string, CheckStatus | undefined>> = {
  h: 'healthy',
  d: 'degraded',
  u: 'unhealthy',
  '?': 'unknown',
};
const names = ['a', 'b', 'c', 'd', 'e'];
const membersPort = (statuses: string) => {
  const members = new Map<string, Member>();
  [...statuses].forEach((letter, at) => {
    const status = letters[letter];
    if (status) {
      members.set(checkIdOf('shop', names[at] ?? ''), {
        status,
        failures: 0,
        intervalSeconds: 60,
        timeoutSeconds: 5,
      });
    }
  });
  return portsWith({ members: async (ids) => new Map([...members].filter(([id]) => ids.includes(id))) });
};

const probe = (statuses: string, atLeast?: number) =>
  look(
    {
      type: 'composite',
      target: 'composite',
      config: {
        members: names.slice(0, statuses.length).map((name) => ({ deploymentId: 'shop', name })),
        ...(atLeast !== undefined && { atLeast }),
      },
    },
    { ports: membersPort(statuses) },
  );

describe('a composite', () => {
  test.each([
    { statuses: 'hhh', status: 'healthy', reason: null },
    { statuses: 'hhu', status: 'unhealthy', reason: '2 of 3 are up, 3 must be; down: c' },
    { statuses: 'hhu', atLeast: 2, status: 'healthy', reason: null },
    { statuses: 'huu', atLeast: 2, status: 'unhealthy', reason: '1 of 3 are up, 2 must be; down: b, c' },
    { statuses: 'hd', status: 'degraded', reason: '2 of 2 are up, 2 must be; degraded: b' },
    {
      statuses: 'hdu',
      atLeast: 2,
      status: 'degraded',
      reason: '2 of 3 are up, 2 must be; down: c; degraded: b',
    },
    { statuses: 'hhd', atLeast: 2, status: 'healthy', reason: null },
    { statuses: 'hh?', status: 'unknown', reason: '2 of 3 are up, 3 must be; unknown: c' },
    { statuses: 'hh-', status: 'unknown', reason: '2 of 3 are up, 3 must be; unknown: c' },
    {
      statuses: 'hu?',
      atLeast: 2,
      status: 'unknown',
      reason: '1 of 3 are up, 2 must be; down: b; unknown: c',
    },
    {
      statuses: 'uu?',
      atLeast: 2,
      status: 'unhealthy',
      reason: '0 of 3 are up, 2 must be; down: a, b; unknown: c',
    },
    { statuses: '???', atLeast: 1, status: 'unknown', reason: '0 of 3 are up, 1 must be; unknown: a, b, c' },
    { statuses: 'uuu', atLeast: 1, status: 'unhealthy', reason: '0 of 3 are up, 1 must be; down: a, b, c' },
    { statuses: 'h??u', atLeast: 1, status: 'healthy', reason: null },
  ])('of $statuses with at least $atLeast is $status', async ({ statuses, atLeast, status, reason }) => {
    const seen = await probe(statuses, atLeast);
    expect({ status: seen.status, reason: seen.reason }).toEqual({ status, reason });
  });

  test('members may belong to other deployments, and a text means its own', async () => {
    const asked: (readonly string[])[] = [];
    const members = async (ids: readonly string[]) => {
      asked.push(ids);
      return new Map<string, Member>();
    };
    const seen = await look(
      {
        type: 'composite',
        target: 'composite',
        deploymentId: 'shop',
        config: { members: ['web', { deploymentId: 'bank', name: 'pay' }] },
      },
      { ports: portsWith({ members }) },
    );
    expect(asked).toEqual([[checkIdOf('shop', 'web'), checkIdOf('bank', 'pay')]]);
    expect(seen).toMatchObject({
      status: 'unknown',
      reason: '0 of 2 are up, 2 must be; unknown: web, bank/pay',
    });
    expect(membersOf({ type: 'composite', deploymentId: 'shop', config: { members: ['web'] } })).toEqual([
      { deploymentId: 'shop', name: 'web' },
    ]);
  });

  test('conditions may speak of how many are up', async () => {
    const seen = await look(
      {
        type: 'composite',
        target: 'composite',
        config: { members: ['a', 'b', 'c'].map((name) => ({ deploymentId: 'shop', name })), atLeast: 1 },
        conditions: [parseCondition('[VALUE] >= 3')],
      },
      { ports: membersPort('hhu') },
    );
    expect(seen).toMatchObject({ status: 'unhealthy', reason: '[VALUE] >= 3: it is 2' });
  });

  test('of members that cannot be read is unknown (fault 16)', async () => {
    const seen = await look({ type: 'composite', target: 'composite', config: { members: ['a'] } });
    expect(seen).toMatchObject({ status: 'unknown', reason: 'other checks cannot be asked in this test' });
  });
});

describe('the definition of a composite', () => {
  const definition = composite.definition(z, conditionParser);

  test('takes members by name or by deployment and name', () => {
    const config = { members: ['web', { deploymentId: 'bank', name: 'pay' }], atLeast: 1 };
    expect(definition.config.parse(config)).toEqual(config);
    expect(definition.target.parse(undefined)).toBe('composite');
  });

  test.each([
    { config: { members: [] }, message: 'Name at least one check.' },
    {
      config: { members: Array.from({ length: 51 }, (_, at) => `m${at}`) },
      message: 'Name at most 50 checks.',
    },
    { config: { members: ['a', 'a'] }, message: 'Name each check once.' },
    { config: { members: ['a'], atLeast: 2 }, message: 'Give at most the number of members.' },
    {
      config: { members: [{ name: 'a' }] },
      message: 'Give the name of a check of this deployment, or {deploymentId, name}.',
    },
  ])('$message', ({ config, message }) => {
    expect(definition.config.safeParse(config).error?.issues[0]?.message).toBe(message);
  });
});
