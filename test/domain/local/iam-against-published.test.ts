/**
 * Our evaluator beside a published one (@cloud-copilot/iam-simulate), case by generated case.
 *
 * Left out on purpose, because the published evaluator is not AWS there (iam-evaluate.test.ts holds AWS's rule in
 * literal rows): a resource policy that names a role's session together with a session policy, which AWS does not let
 * limit it; the address block 0.0.0.0/0; an IPv6
 * source beside a single IPv4 address; `${*}` outside the Like operators; a variable's default in the ARN of a
 * resource without a type (a queue, a topic).
 */
import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../infra/local/iam/evaluate.ts';
import type { Principal } from '../../../infra/local/iam/principal.ts';

const ACCOUNT = '123456789012';
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/app/RunnerRole`;
const SESSION_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/RunnerRole/runner`;
const USER_ARN = `arn:aws:iam::${ACCOUNT}:user/ann`;

/** Our principal, and the same one in the words of the published evaluator. */
const PRINCIPALS: { ours: Principal; theirs: string }[] = [
  { ours: { kind: 'role', arn: ROLE_ARN }, theirs: ROLE_ARN },
  { ours: { kind: 'role', arn: ROLE_ARN, sessionName: 'runner' }, theirs: SESSION_ARN },
  { ours: { kind: 'user', arn: USER_ARN }, theirs: USER_ARN },
  { ours: { kind: 'service', service: 'events.amazonaws.com' }, theirs: 'events.amazonaws.com' },
];

const REQUESTS = [
  { action: 'dynamodb:PutItem', resource: `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/State` },
  { action: 'dynamodb:GetItem', resource: `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/Telemetry` },
  { action: 'dynamodb:Query', resource: `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/State/index/due` },
  { action: 'sqs:SendMessage', resource: `arn:aws:sqs:us-east-1:${ACCOUNT}:Runs` },
  { action: 'sqs:ReceiveMessage', resource: `arn:aws:sqs:us-east-1:${ACCOUNT}:Runs` },
  {
    action: 'secretsmanager:GetSecretValue',
    resource: `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:token-AbCdEf`,
  },
  { action: 'lambda:InvokeFunction', resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:Runner` },
  { action: 'events:PutEvents', resource: `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/Bus` },
  { action: 'sns:Publish', resource: `arn:aws:sns:us-east-1:${ACCOUNT}:Alerts` },
  { action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/team-a/report.json' },
];

type Pick = (typeof REQUESTS)[number];

/** Patterns near the request's action, so that about half of them match. */
function actionPatterns({ action }: Pick): string[] {
  const [service = '', name = ''] = action.split(':');
  return [
    action,
    `${service}:*`,
    `${service}:${name.slice(0, 3)}*`,
    `${service}:${name.slice(0, -1)}?`,
    `${service}:${name.toUpperCase()}`,
    `${service}:*Item`,
    `${service}:Delete*`,
    'iam:PassRole',
    '*',
  ];
}

function resourcePatterns({ resource }: Pick): string[] {
  const head = resource.split(':').slice(0, 5).join(':');
  const tail = resource.split(':').slice(5).join(':');
  return [
    resource,
    '*',
    `${head}:*`,
    `${head}:${tail.slice(0, -2)}*`,
    `${head}:${tail.slice(0, -1)}?`,
    `${head}:${tail}?`,
    /[:/]/.test(tail) ? `${head}:*` : `${head}:*${tail.slice(2)}`,
    `${resource}/*`,
    resource.replace('us-east-1', '*'),
    resource.replace(ACCOUNT, '999999999999'),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    resource.replace('State', '${aws:PrincipalTag/team}').replace('team-a', '${aws:PrincipalTag/team}'),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable with a default
    resource.replace(/State|team-a/, "${aws:PrincipalTag/team, 'team-a'}"),
  ];
}

const word = fc.constantFrom('State', 'Runs', 'team-a', 'Team-A', 'te*', 'x');
/** `*` and `?` are wildcards in the Like operators and plain text in the others. */
const wordPattern = fc.oneof(
  word,
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: policy variables
  fc.constantFrom(
    '*',
    't*',
    '?eam-a',
    'S*e',
    '${aws:PrincipalTag/team}',
    "${aws:PrincipalTag/none, 'x'}",
    '${aws:PrincipalTag/none}',
    '${aws:SourceAccount}*',
  ),
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: policy variables
);
// biome-ignore lint/suspicious/noTemplateCurlyInString: an escaped asterisk
const escapedPattern = fc.constantFrom('te${*}', 'a${*}', '*${*}');
const number = fc.constantFrom('0', '5', '10', '10.5', '-3');
const date = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2026-06-01T12:30:00Z',
  '2026-06-01',
  '2027-01-01T00:00:00+01:00',
);
const bool = fc.constantFrom('true', 'false', 'True');
const ip = fc.constantFrom('10.0.0.1', '10.1.2.3', '192.168.0.7', '2001:db8::1');
const cidr = fc.constantFrom('10.0.0.0/8', '10.0.0.1/32', '10.0.0.0/16', '2001:db8::/32', '192.168.0.0/29');
const arn = fc.constantFrom(
  `arn:aws:events:us-east-1:${ACCOUNT}:rule/Bus/tick`,
  `arn:aws:scheduler:us-east-1:${ACCOUNT}:schedule/group/tick`,
);
const arnPattern = fc.oneof(
  arn,
  fc.constantFrom(
    `arn:aws:events:*:${ACCOUNT}:rule/*`,
    `arn:aws:*:us-east-1:${ACCOUNT}:*/tick`,
    `arn:aws:events:us-east-?:*:rule/Bus/t?ck`,
    `arn:aws:events:us-east-1:${ACCOUNT}:rule/Bus`,
  ),
);

/** A condition key, the values a request may bring and the values a policy may compare with, by operator. */
const KEYS = [
  {
    key: 'aws:PrincipalTag/team',
    value: word,
    policy: wordPattern,
    operators: ['StringEquals', 'StringEqualsIgnoreCase', 'StringLike'],
  },
  { key: 'aws:PrincipalTag/team', value: word, policy: escapedPattern, operators: ['StringLike'] },
  { key: 'aws:SourceAccount', value: word, policy: word, operators: ['StringEquals', 'StringLike'] },
  {
    key: 'aws:MultiFactorAuthAge',
    value: number,
    policy: number,
    operators: [
      'NumericEquals',
      'NumericLessThan',
      'NumericLessThanEquals',
      'NumericGreaterThan',
      'NumericGreaterThanEquals',
    ],
  },
  {
    key: 'aws:CurrentTime',
    value: date,
    policy: date,
    operators: [
      'DateEquals',
      'DateLessThan',
      'DateLessThanEquals',
      'DateGreaterThan',
      'DateGreaterThanEquals',
    ],
  },
  { key: 'aws:SecureTransport', value: bool, policy: bool, operators: ['Bool'] },
  { key: 'aws:SourceIp', value: ip, policy: cidr, operators: ['IpAddress'] },
  { key: 'aws:SourceArn', value: arn, policy: arnPattern, operators: ['ArnEquals', 'ArnLike'] },
];

const NEGATIONS: Readonly<Record<string, string>> = {
  StringEquals: 'StringNotEquals',
  StringEqualsIgnoreCase: 'StringNotEqualsIgnoreCase',
  StringLike: 'StringNotLike',
  NumericEquals: 'NumericNotEquals',
  DateEquals: 'DateNotEquals',
  IpAddress: 'NotIpAddress',
  ArnEquals: 'ArnNotEquals',
  ArnLike: 'ArnNotLike',
};

const oneOrMore = (value: fc.Arbitrary<string>) =>
  fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));

const singleCondition = fc.constantFrom(...KEYS).chain(({ key, policy, operators }) => {
  return fc
    .record({
      operator: fc.constantFrom(...operators),
      negated: fc.boolean(),
      ifExists: fc.boolean(),
      values: oneOrMore(policy),
    })
    .map(({ operator, negated, ifExists, values }) => {
      const name = negated ? (NEGATIONS[operator] ?? operator) : operator;
      return { [`${name}${ifExists ? 'IfExists' : ''}`]: { [key]: values } };
    });
});

const setCondition = fc
  .record({
    set: fc.constantFrom('ForAnyValue', 'ForAllValues'),
    operator: fc.constantFrom('StringEquals', 'StringLike', 'StringNotEquals', 'StringNotLike'),
    values: oneOrMore(word),
  })
  .map(({ set, operator, values }) => ({ [`${set}:${operator}`]: { 'aws:TagKeys': values } }));

const nullCondition = fc
  .record({
    key: fc.constantFrom(...KEYS.map(({ key }) => key), 'aws:TagKeys'),
    absent: fc.constantFrom('true', 'false'),
  })
  .map(({ key, absent }) => ({ Null: { [key]: absent } }));

const conditionBlock = fc
  .array(fc.oneof({ weight: 4, arbitrary: singleCondition }, setCondition, nullCondition), { maxLength: 2 })
  .map((parts) => Object.assign({}, ...parts) as object);

const context: fc.Arbitrary<Record<string, string | string[]>> = fc
  .record(
    {
      ...Object.fromEntries(KEYS.map(({ key, value }) => [key, value])),
      'aws:TagKeys': fc.array(word, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  .map((values) => ({ ...values }) as Record<string, string | string[]>);

function statement(request: Pick, negatable = true) {
  return fc
    .record({
      effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
      action: oneOrMore(fc.constantFrom(...actionPatterns(request))),
      resource: oneOrMore(fc.constantFrom(...resourcePatterns(request))),
      notAction: fc.integer({ min: 0, max: 9 }).map((n) => negatable && n === 0),
      notResource: fc.integer({ min: 0, max: 9 }).map((n) => negatable && n === 0),
      conditions: fc.oneof(
        { weight: 3, arbitrary: fc.constant({}) },
        { weight: 4, arbitrary: conditionBlock },
      ),
    })
    .map(({ effect, action, resource, notAction, notResource, conditions }) => ({
      Effect: effect,
      [notAction ? 'NotAction' : 'Action']: action,
      [notResource ? 'NotResource' : 'Resource']: resource,
      ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
    }));
}

function policy(request: Pick) {
  return fc
    .array(statement(request), { minLength: 1, maxLength: 3 })
    .map((Statement) => ({ Version: '2012-10-17', Statement }));
}

const principalElement = (sessionToo: boolean) =>
  fc.constantFrom<unknown>(
    '*',
    { AWS: '*' },
    { AWS: ACCOUNT },
    { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    { AWS: ROLE_ARN },
    { AWS: [USER_ARN, ROLE_ARN] },
    { Service: 'events.amazonaws.com' },
    { Service: ['scheduler.amazonaws.com', 'events.amazonaws.com'], AWS: USER_ARN },
    { Service: 'sns.amazonaws.com' },
    ...(sessionToo ? [{ AWS: SESSION_ARN }] : []),
  );

function resourcePolicy(request: Pick, sessionToo: boolean) {
  const withPrincipal = fc
    .tuple(statement(request), principalElement(sessionToo))
    .map(([body, Principal]) => ({ ...body, Principal }));
  return fc
    .array(withPrincipal, { minLength: 1, maxLength: 2 })
    .map((Statement) => ({ Version: '2012-10-17', Statement }));
}

const generatedCase = fc
  .record({
    principal: fc.constantFrom(...PRINCIPALS),
    request: fc.constantFrom(...REQUESTS),
    withSession: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  })
  .chain(({ principal, request, withSession }) => {
    const isService = principal.ours.kind === 'service';
    const session = withSession && principal.ours.kind === 'role';
    return fc.record({
      principal: fc.constant(principal),
      request: fc.constant(request),
      context,
      identityPolicies: fc.array(policy(request), { maxLength: isService ? 0 : 2 }),
      resourcePolicy: fc.option(resourcePolicy(request, !session), { nil: undefined, freq: 1 }),
      boundary: isService
        ? fc.constant(undefined)
        : fc.oneof(fc.constant(undefined), fc.constant(undefined), policy(request)),
      sessionPolicy: session ? policy(request) : fc.constant(undefined),
    });
  });

type Case = typeof generatedCase extends fc.Arbitrary<infer T> ? T : never;

const THEIR_REASONS = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitDeny',
  ImplicitlyDenied: 'implicitDeny',
} as const;

async function published(generated: Case): Promise<string> {
  const simulation: Simulation = {
    request: {
      principal: generated.principal.theirs,
      action: generated.request.action,
      resource: { resource: generated.request.resource, accountId: ACCOUNT },
      contextVariables: generated.context,
    },
    identityPolicies: generated.identityPolicies.map((document, index) => ({
      name: `p${index}`,
      policy: document,
    })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: generated.resourcePolicy,
    ...(generated.boundary && {
      permissionBoundaryPolicies: [{ name: 'boundary', policy: generated.boundary }],
    }),
    ...(generated.sessionPolicy && { sessionPolicy: generated.sessionPolicy }),
  };
  const outcome = await runSimulation(simulation, {});
  if (outcome.resultType === 'error') throw new Error(JSON.stringify(outcome.errors));
  return THEIR_REASONS[outcome.overallResult];
}

function ours(generated: Case): string {
  return evaluate({
    principal: generated.principal.ours,
    ...generated.request,
    context: generated.context,
    identityPolicies: generated.identityPolicies,
    resourcePolicies: generated.resourcePolicy && [generated.resourcePolicy],
    permissionsBoundary: generated.boundary,
    sessionPolicies: generated.sessionPolicy && [generated.sessionPolicy],
  }).reason;
}

describe('the evaluator decides as the published one', () => {
  test('on generated policies, conditions and principals', async () => {
    const seen = { allowed: 0, explicitDeny: 0, implicitDeny: 0 };
    await fc.assert(
      fc.asyncProperty(generatedCase, async (generated) => {
        const expected = await published(generated);
        seen[expected as keyof typeof seen] += 1;
        expect(ours(generated)).toBe(expected);
      }),
      { numRuns: 600 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(25);
  });
});
