import { describe, expect, test } from 'vitest';
import type { Image } from '../../../../shared/remediation/actions/action.ts';
import { type ActionScopes, outOfScope } from '../../../../shared/remediation/actions/scope.ts';
import { sessionPolicyOf } from '../../../../shared/remediation/actions/session-policy.ts';
import { showsExpected } from '../../../../shared/remediation/actions/shows.ts';
import type { Json } from '../../../../shared/remediation/plan.ts';

const arn = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-1';
const other = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-2';
const template = 'arn:aws:ec2:eu-west-1:123456789012:launch-template/lt-1';
const tags = { homeostat: 'heal' };

type Opted = {
  readonly what: string;
  readonly scope: ActionScopes['ec2-reboot'];
  readonly image: Pick<Image, 'arn' | 'tags'>;
  readonly isIn: boolean;
};

describe('a resource was opted in', () => {
  test.each<Opted>([
    { what: 'by its tag', scope: { tags }, image: { arn, tags: { ...tags, Name: 'shop' } }, isIn: true },
    { what: 'not without the tag', scope: { tags }, image: { arn, tags: { Name: 'shop' } }, isIn: false },
    {
      what: 'not with another value',
      scope: { tags },
      image: { arn, tags: { homeostat: 'no' } },
      isIn: false,
    },
    { what: 'not with no tags at all', scope: { tags }, image: { arn, tags: {} }, isIn: false },
    { what: 'not when its tags are not told', scope: { tags }, image: { arn }, isIn: false },
    { what: 'by its ARN', scope: { arns: [arn] }, image: { arn, tags: {} }, isIn: true },
    { what: 'not by the ARN of another', scope: { arns: [other] }, image: { arn, tags }, isIn: false },
    { what: 'by both', scope: { tags, arns: [arn] }, image: { arn, tags }, isIn: true },
    { what: 'not by the tag alone', scope: { tags, arns: [other] }, image: { arn, tags }, isIn: false },
    { what: 'not by the ARN alone', scope: { tags, arns: [arn] }, image: { arn, tags: {} }, isIn: false },
    {
      what: 'by its tag, beside a list of what else the action uses',
      scope: { tags, arns: [template] },
      image: { arn, tags },
      isIn: true,
    },
    { what: 'not by an empty scope', scope: {}, image: { arn, tags }, isIn: false },
    { what: 'by kind alone where it is not of AWS', scope: {}, image: {}, isIn: true },
  ])('$what', ({ scope, image, isIn }) => {
    expect(outOfScope({ 'ec2-reboot': scope }, 'ec2-reboot', image) === undefined).toBe(isIn);
  });

  test('by the function whose alias it is', () => {
    const lambda = 'arn:aws:lambda:eu-west-1:123456789012:function:shop';
    const scopes = { 'lambda-concurrency': { arns: [lambda] } };
    expect(outOfScope(scopes, 'lambda-concurrency', { arn: `${lambda}:live` })).toBeUndefined();
    expect(outOfScope(scopes, 'lambda-concurrency', { arn: `${lambda}-2:live` })).toContain('is none of');
  });

  test('by the name of its group, whose id nobody knows by heart', () => {
    const group = (id: string, name: string) =>
      `arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:${id}:autoScalingGroupName/${name}`;
    const scopes = { 'asg-scale': { arns: [group('*', 'web')] } };
    expect(outOfScope(scopes, 'asg-scale', { arn: group('0a-1b', 'web') })).toBeUndefined();
    expect(outOfScope(scopes, 'asg-scale', { arn: group('0a-1b', 'my-web') })).toBe(
      `${group('0a-1b', 'my-web')} is none of the ARNs that asg-scale is held to`,
    );
  });
});

describe('the policy of the session that applies an action', () => {
  const permissions = [{ actions: ['ec2:RebootInstances'], resources: [arn] }];

  test('allows what was planned on what was planned, and nothing else', () => {
    expect(sessionPolicyOf({ kind: 'ec2-reboot', permissions })).toEqual({
      policy: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['ec2:RebootInstances'], Resource: [arn] }],
      },
    });
  });

  test.each([
    { what: 'names nothing', permissions: [] },
    { what: 'names no resource', permissions: [{ actions: ['ec2:RebootInstances'], resources: [] }] },
    { what: 'names everything', permissions: [{ actions: ['ec2:RebootInstances'], resources: ['*'] }] },
    {
      what: 'has a wildcard within a name',
      permissions: [{ actions: ['ec2:RebootInstances'], resources: [`${arn}*`] }],
    },
    {
      what: 'names all of a kind, although the call makes none',
      permissions: [{ actions: ['ec2:RebootInstances'], resources: ['arn:aws:ec2:eu-west-1:*:instance/*'] }],
    },
    {
      what: 'has a wildcard for a service',
      permissions: [{ actions: ['ec2:RebootInstances'], resources: ['arn:aws:*:eu-west-1::instance/i-1'] }],
    },
    {
      what: 'has a variable in it',
      permissions: [{ actions: ['ec2:RebootInstances'], resources: [`${arn}\${aws:username}`] }],
    },
    {
      what: 'is longer than STS takes',
      permissions: [
        { actions: ['ec2:RebootInstances'], resources: Array.from({ length: 40 }, (_, no) => `${arn}${no}`) },
      ],
    },
  ])('that $what is refused', ({ permissions: given }) => {
    expect(sessionPolicyOf({ kind: 'ec2-reboot', permissions: given })).toHaveProperty('refused');
  });

  test('may name all of a kind where the call makes what it names', () => {
    const made = [{ actions: ['ec2:RunInstances'], resources: ['arn:aws:ec2:eu-west-1:*:instance/*'] }];
    expect(sessionPolicyOf({ kind: 'reprovision', permissions: made })).toHaveProperty('policy');
  });
});

type Compared = { readonly image: Json; readonly expected: Json; readonly isShown: boolean };

test.each<Compared>([
  { image: { state: 'stopped', group: null }, expected: { state: 'stopped' }, isShown: true },
  { image: { state: 'running', group: null }, expected: { state: 'stopped' }, isShown: false },
  { image: { group: null }, expected: { group: null }, isShown: true },
  { image: {}, expected: { group: null }, isShown: false },
  { image: { weights: { '3': 0.1 } }, expected: { weights: {} }, isShown: false },
])('$image shows $expected: $isShown', ({ image, expected, isShown }) => {
  expect(showsExpected(image, expected)).toBe(isShown);
});
