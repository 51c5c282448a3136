import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApplyPorts } from '../../../../shared/remediation/actions/open-apply-ports.ts';
import type { PlannedAction } from '../../../../shared/remediation/plan.ts';
import { respond, startWire } from './aws-wire.ts';

let wire: Awaited<ReturnType<typeof startWire>>;
beforeAll(async () => {
  wire = await startWire();
  process.env.AWS_ENDPOINT_URL = wire.endpoint;
});
afterAll(() => wire?.stop());

const arn = 'arn:aws:ec2:us-east-1:123456789012:instance/i-1';
const planned: PlannedAction = {
  kind: 'ec2-reboot',
  resource: { name: 'shop', type: 'ec2-instance', id: 'i-1' },
  params: {},
  summary: 'Reboot the EC2 instance i-1.',
  before: { state: 'running' },
  expected: { state: 'running' },
  risk: 'medium',
  permissions: [{ actions: ['ec2:RebootInstances'], resources: [arn] }],
};
const planHash = '0123456789abcdef'.repeat(4);
const session = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'the-token-of-the-session',
  expiresAt: 0,
};
const world = { clock: () => 0, signal: new AbortController().signal, region: 'us-east-1' };
const open = (
  roles: Parameters<typeof openApplyPorts>[0]['roles'],
  { attempt = 1, no = 0, action = planned } = {},
) => openApplyPorts({ ...world, roles }, action, { planHash, attempt, no }, () => undefined);

describe('what applies an action', () => {
  test('takes the role of its kind, narrowed to what was planned, in the name of the plan', async () => {
    const taken: unknown[] = [];
    await open({
      assume: async (kind, how) => {
        taken.push([kind, how]);
        return session;
      },
    });
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['ec2:RebootInstances'], Resource: [arn] }],
    };
    expect(taken).toEqual([['ec2-reboot', { policy, sessionName: '0123456789ab' }]]);
  });

  test('signs with the credentials of that session', async () => {
    const signed: string[] = [];
    wire.answerWith((asked, response) => {
      signed.push(asked.token);
      respond(response, 200, '<RebootInstancesResponse><return>true</return></RebootInstancesResponse>');
    });
    const ports = await open({ assume: async () => session });
    await (await ports.ec2()).reboot('i-1');
    expect(signed).toEqual(['the-token-of-the-session']);
  });

  test.each([
    {
      what: 'its role cannot be taken',
      roles: {
        assume: async () => {
          throw new Error('AccessDenied: not authorized to perform sts:AssumeRole');
        },
      },
      says: 'the role of ec2-reboot could not be taken: AccessDenied: not authorized to perform sts:AssumeRole',
    },
    {
      what: 'there is no role at all',
      roles: undefined,
      says: 'ec2-reboot has no role: no action of AWS was opted in at deploy',
    },
  ])('is refused for sure when $what', async ({ roles, says }) => {
    await expect(open(roles)).rejects.toMatchObject({ name: 'ActionRefused', message: says });
  });

  test('is refused when the plan names no permission, rather than given the whole role', async () => {
    const action = { ...planned, permissions: [] };
    await expect(open({ assume: async () => session }, { action })).rejects.toMatchObject({
      name: 'ActionRefused',
      message: 'ec2-reboot names no permission that it needs',
    });
  });

  test('has one token for each action of each attempt, the same whenever it is repeated', async () => {
    const roles = { assume: async () => session };
    const tokens = [];
    for (const place of [{}, {}, { attempt: 2 }, { no: 1 }])
      tokens.push((await open(roles, place)).idempotencyToken);
    const [first, again, next, other] = tokens;
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(again).toBe(first);
    expect(new Set([first, next, other]).size).toBe(3);
  });
});
