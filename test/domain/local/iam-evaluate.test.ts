import { describe, expect, test } from 'vitest';
import { type AccessRequest, evaluate } from '../../../infra/local/iam/evaluate.ts';
import { explainRefusal } from '../../../infra/local/iam/explain.ts';
import { policyOfPermission } from '../../../infra/local/iam/lambda-permission.ts';

const ACCOUNT = '123456789012';
const TABLE = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/State`;
const QUEUE = `arn:aws:sqs:eu-west-1:${ACCOUNT}:Runs`;
const ROLE = {
  kind: 'role',
  arn: `arn:aws:iam::${ACCOUNT}:role/app/RunnerRole`,
  sessionName: 'runner',
} as const;
const USER = { kind: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/ann` } as const;
const EVENTS = { kind: 'service', service: 'events.amazonaws.com' } as const;
const SESSION_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/RunnerRole/runner`;

const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], Resource: string | string[], more: object = {}) =>
  document({ Effect: 'Allow', Action, Resource, ...more });
const deny = (Action: string, Resource: string, more: object = {}) =>
  document({ Effect: 'Deny', Action, Resource, ...more });

const put: AccessRequest = {
  principal: ROLE,
  action: 'dynamodb:PutItem',
  resource: TABLE,
  identityPolicies: [],
};
const send: AccessRequest = {
  principal: ROLE,
  action: 'sqs:SendMessage',
  resource: QUEUE,
  identityPolicies: [],
};
const grantsSend = (Principal: unknown) => [allow('sqs:SendMessage', QUEUE, { Principal })];

type Row = [rule: string, request: AccessRequest, reason: 'allowed' | 'explicitDeny' | 'implicitDeny'];

const SOURCES: Row[] = [
  ['nothing is allowed by default', put, 'implicitDeny'],
  ['an identity policy allows', { ...put, identityPolicies: [allow('dynamodb:PutItem', TABLE)] }, 'allowed'],
  [
    'another action is not allowed',
    { ...put, identityPolicies: [allow('dynamodb:GetItem', TABLE)] },
    'implicitDeny',
  ],
  [
    'a resource policy alone allows within the account',
    { ...send, resourcePolicies: grantsSend({ AWS: ROLE.arn }) },
    'allowed',
  ],
  [
    'naming the account hands the decision to identity policies',
    { ...send, resourcePolicies: grantsSend({ AWS: ACCOUNT }) },
    'implicitDeny',
  ],
  [
    'naming the account and an identity policy',
    { ...send, resourcePolicies: grantsSend({ AWS: ACCOUNT }), identityPolicies: [allow('sqs:*', '*')] },
    'allowed',
  ],
  [
    'an explicit deny in a resource policy wins',
    {
      ...send,
      identityPolicies: [allow('sqs:*', '*')],
      resourcePolicies: [deny('sqs:SendMessage', QUEUE, { Principal: '*' })],
    },
    'explicitDeny',
  ],
  [
    'an explicit deny in a boundary wins',
    { ...send, identityPolicies: [allow('sqs:*', '*')], permissionsBoundary: deny('sqs:*', '*') },
    'explicitDeny',
  ],
  [
    'a boundary limits identity policies',
    { ...put, identityPolicies: [allow('dynamodb:*', TABLE)], permissionsBoundary: allow('sqs:*', '*') },
    'implicitDeny',
  ],
  ['a boundary grants nothing', { ...put, permissionsBoundary: allow('*', '*') }, 'implicitDeny'],
  [
    'a session policy limits identity policies',
    {
      ...put,
      identityPolicies: [allow('dynamodb:*', '*')],
      sessionPolicies: [allow('dynamodb:PutItem', `${TABLE}2`)],
    },
    'implicitDeny',
  ],
  [
    'one of several session policies is enough',
    {
      ...put,
      identityPolicies: [allow('dynamodb:*', '*')],
      sessionPolicies: [allow('sqs:*', '*'), allow('*', TABLE)],
    },
    'allowed',
  ],
  [
    'a grant to the role is limited by its boundary',
    { ...send, resourcePolicies: grantsSend({ AWS: ROLE.arn }), permissionsBoundary: allow('s3:*', '*') },
    'implicitDeny',
  ],
  [
    'a grant to the session is limited neither by boundary nor by session policy',
    {
      ...send,
      resourcePolicies: grantsSend({ AWS: SESSION_ARN }),
      permissionsBoundary: allow('s3:*', '*'),
      sessionPolicies: [allow('s3:*', '*')],
    },
    'allowed',
  ],
  [
    'a grant to a user is not limited by a boundary',
    {
      ...send,
      principal: USER,
      resourcePolicies: grantsSend({ AWS: USER.arn }),
      permissionsBoundary: allow('s3:*', '*'),
    },
    'allowed',
  ],
  [
    'a service needs the resource policy',
    { ...send, principal: EVENTS, resourcePolicies: grantsSend({ Service: EVENTS.service }) },
    'allowed',
  ],
  [
    'identity policies do not count for a service',
    { ...send, principal: EVENTS, identityPolicies: [allow('*', '*')] },
    'implicitDeny',
  ],
  [
    'another service is not meant',
    { ...send, principal: EVENTS, resourcePolicies: grantsSend({ Service: 'sns.amazonaws.com' }) },
    'implicitDeny',
  ],
  [
    'the account does not mean services',
    { ...send, principal: EVENTS, resourcePolicies: grantsSend({ AWS: ACCOUNT }) },
    'implicitDeny',
  ],
  [
    'a service is held to the source its permission names',
    {
      ...send,
      principal: EVENTS,
      context: { 'aws:SourceArn': `arn:aws:events:eu-west-1:${ACCOUNT}:rule/Bus/other` },
      resourcePolicies: [
        allow('sqs:SendMessage', QUEUE, {
          Principal: { Service: EVENTS.service },
          Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:events:eu-west-1:${ACCOUNT}:rule/Bus/tick` } },
        }),
      ],
    },
    'implicitDeny',
  ],
  [
    'NotPrincipal denies everyone else',
    {
      ...send,
      identityPolicies: [allow('sqs:*', '*')],
      resourcePolicies: [deny('sqs:*', QUEUE, { NotPrincipal: { AWS: USER.arn } })],
    },
    'explicitDeny',
  ],
  [
    'NotPrincipal spares the one it names',
    {
      ...send,
      principal: USER,
      identityPolicies: [allow('sqs:*', '*')],
      resourcePolicies: [deny('sqs:*', QUEUE, { NotPrincipal: { AWS: USER.arn } })],
    },
    'allowed',
  ],
  [
    'to assume a role, an identity policy alone is not enough',
    {
      principal: ROLE,
      action: 'sts:AssumeRole',
      resource: `arn:aws:iam::${ACCOUNT}:role/action-ecs`,
      identityPolicies: [allow('sts:AssumeRole', '*')],
      resourcePolicies: [
        document({
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'lambda.amazonaws.com' },
        }),
      ],
      resourcePolicyMustAllow: true,
    },
    'implicitDeny',
  ],
  [
    'a trust policy that names the account, and an identity policy, together allow to assume a role',
    {
      principal: ROLE,
      action: 'sts:AssumeRole',
      resource: `arn:aws:iam::${ACCOUNT}:role/action-ecs`,
      identityPolicies: [allow('sts:AssumeRole', '*')],
      resourcePolicies: [
        document({
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        }),
      ],
      resourcePolicyMustAllow: true,
    },
    'allowed',
  ],
];

describe('policies of several kinds are joined as IAM does within an account', () => {
  test.each(SOURCES)('%s', (_rule, request, reason) => {
    const decision = evaluate(request);
    expect(decision.reason).toBe(reason);
    expect(decision.allowed).toBe(reason === 'allowed');
  });
});

const MATCHING: [rule: string, action: string, resource: string, allowed: boolean][] = [
  ['an action minds no case', 'DYNAMODB:putitem', TABLE, true],
  ['a star in an action', 'dynamodb:Put*', TABLE, true],
  ['a question mark in an action is one character', 'dynamodb:PutIte?', TABLE, true],
  ['every action', '*', TABLE, true],
  ['a star at the end of a resource', '*', `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/*`, true],
  ['a star for the region', '*', `arn:aws:dynamodb:*:${ACCOUNT}:table/State`, true],
  ['a star that ends an ARN early spans what follows', '*', 'arn:aws:dynamodb:*', true],
  ['a star within a part does not span a colon', '*', `arn:aws:dynamodb:e*t:${ACCOUNT}:table/State`, false],
  [
    'a resource minds the case',
    '*',
    TABLE.toUpperCase().replace('ARN:AWS:DYNAMODB', 'arn:aws:dynamodb'),
    false,
  ],
  ['a table does not mean its indexes', '*', `${TABLE}/index/*`, false],
  ['a dot is only a dot', '*', TABLE.replace('State', 'St.te'), false],
];

describe('actions and resources match as in IAM', () => {
  test.each(MATCHING)('%s', (_rule, action, resource, allowed) => {
    expect(evaluate({ ...put, identityPolicies: [allow(action, resource)] }).allowed).toBe(allowed);
  });

  test('an action without a resource is allowed by "*" only', () => {
    const list = { ...put, action: 'dynamodb:ListTables', resource: '*' };
    expect(evaluate({ ...list, identityPolicies: [allow('*', 'arn:aws:dynamodb:*')] }).allowed).toBe(false);
    expect(evaluate({ ...list, identityPolicies: [allow('*', '*')] }).allowed).toBe(true);
  });

  test('NotAction and NotResource mean all others', () => {
    const others = document({ Effect: 'Allow', NotAction: 'dynamodb:DeleteItem', NotResource: QUEUE });
    expect(evaluate({ ...put, identityPolicies: [others] }).allowed).toBe(true);
    expect(evaluate({ ...put, action: 'dynamodb:DeleteItem', identityPolicies: [others] }).allowed).toBe(
      false,
    );
    expect(evaluate({ ...send, identityPolicies: [others] }).allowed).toBe(false);
  });
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: policy variables
const CONDITIONS: [
  rule: string,
  condition: object,
  context: Record<string, string | string[]>,
  holds: boolean,
][] = [
  [
    'several values are an or',
    { StringEquals: { 'events:source': ['a', 'b'] } },
    { 'events:source': 'b' },
    true,
  ],
  ['a key minds no case', { StringEquals: { 'AWS:sourceaccount': '1' } }, { 'aws:SourceAccount': '1' }, true],
  ['several keys are an and', { StringEquals: { 'a:x': '1', 'a:y': '1' } }, { 'a:x': '1' }, false],
  [
    'several operators are an and',
    { StringEquals: { 'a:x': '1' }, Null: { 'a:y': 'true' } },
    { 'a:x': '1' },
    true,
  ],
  ['a missing key fails an equality', { StringEquals: { 'a:x': '1' } }, {}, false],
  ['a missing key passes a negation', { StringNotEquals: { 'a:x': '1' } }, {}, true],
  ['a missing key passes IfExists', { StringEqualsIfExists: { 'a:x': '1' } }, {}, true],
  ['IfExists still compares', { StringEqualsIfExists: { 'a:x': '1' } }, { 'a:x': '2' }, false],
  [
    'a negation of several values is a nor',
    { StringNotEquals: { 'a:x': ['1', '2'] } },
    { 'a:x': '2' },
    false,
  ],
  ['StringEquals knows no wildcards', { StringEquals: { 'a:x': 'a*' } }, { 'a:x': 'ab' }, false],
  ['StringLike does', { StringLike: { 'a:x': 'a*d?f' } }, { 'a:x': 'abcdef' }, true],
  ['StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { 'a:x': 'AB' } }, { 'a:x': 'ab' }, true],
  ['Null true: absent', { Null: { 'a:x': true } }, { 'a:x': '1' }, false],
  ['numbers compare as numbers', { NumericEquals: { 'a:x': '5.0' } }, { 'a:x': '5' }, true],
  [
    'a text that is no number passes no comparison',
    { NumericNotEquals: { 'a:x': '5' } },
    { 'a:x': 'five' },
    false,
  ],
  ['a number as JSON number', { NumericLessThanEquals: { 'a:x': 5 } }, { 'a:x': '5' }, true],
  [
    'dates compare as instants',
    { DateEquals: { 'a:x': '2026-01-01T01:00:00+01:00' } },
    { 'a:x': '2026-01-01T00:00:00Z' },
    true,
  ],
  [
    'a date in epoch seconds',
    { DateEquals: { 'a:x': '1767225600' } },
    { 'a:x': '2026-01-01T00:00:00Z' },
    true,
  ],
  ['Bool', { Bool: { 'aws:SecureTransport': true } }, { 'aws:SecureTransport': 'true' }, true],
  [
    'an address in a block',
    { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    { 'aws:SourceIp': '10.9.9.9' },
    true,
  ],
  ['every address', { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }, { 'aws:SourceIp': '10.9.9.9' }, true],
  [
    'an IPv6 address is not that IPv4 address',
    { NotIpAddress: { 'aws:SourceIp': '10.0.0.1' } },
    { 'aws:SourceIp': '::1' },
    true,
  ],
  [
    'ArnLike compares part by part',
    { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:*:b' } },
    { 'aws:SourceArn': 'arn:aws:s3:::b' },
    false,
  ],
  [
    'ArnEquals knows wildcards, too',
    { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::b*' } },
    { 'aws:SourceArn': 'arn:aws:s3:::bucket/x' },
    true,
  ],
  ['ForAnyValue needs one', { 'ForAnyValue:StringEquals': { 'a:x': 'k' } }, { 'a:x': ['j', 'k'] }, true],
  ['ForAnyValue of a missing key', { 'ForAnyValue:StringEquals': { 'a:x': 'k' } }, {}, false],
  [
    'ForAllValues needs each',
    { 'ForAllValues:StringEquals': { 'a:x': ['k', 'l'] } },
    { 'a:x': ['j', 'k'] },
    false,
  ],
  ['ForAllValues of a missing key', { 'ForAllValues:StringEquals': { 'a:x': 'k' } }, {}, true],
  ['a multivalued key needs a set operator', { StringEquals: { 'a:x': 'k' } }, { 'a:x': ['k'] }, false],
  [
    'a variable',
    { StringEquals: { 'a:x': '${aws:PrincipalTag/t}-1' } },
    { 'a:x': 'v-1', 'aws:PrincipalTag/t': 'v' },
    true,
  ],
  [
    'a variable of the principal',
    { StringEquals: { 'a:x': '${aws:PrincipalAccount}' } },
    { 'a:x': ACCOUNT },
    true,
  ],
  ['a default of a variable', { StringEquals: { 'a:x': "${a:none, 'v w'}" } }, { 'a:x': 'v w' }, true],
  [
    'a variable without value matches nothing',
    { StringEquals: { 'a:x': '${a:none}' } },
    { 'a:x': '${a:none}' },
    false,
  ],
  ['nor does its negation', { StringNotEquals: { 'a:x': '${a:none}' } }, { 'a:x': 'v' }, false],
  [
    'the value of a variable is plain text',
    { StringLike: { 'a:x': '${a:y}' } },
    { 'a:x': 'abc', 'a:y': '*' },
    false,
  ],
  ['an escaped asterisk', { StringEquals: { 'a:x': 'te${*}' } }, { 'a:x': 'te*' }, true],
  ['an operator minds no case', { stringequals: { 'a:x': '1' } }, { 'a:x': '1' }, true],
];

describe('conditions hold as IAM documents them', () => {
  test.each(CONDITIONS)('%s', (_rule, Condition, context, holds) => {
    const request = { ...put, context, identityPolicies: [allow('dynamodb:PutItem', TABLE, { Condition })] };
    expect(evaluate(request).allowed).toBe(holds);
  });

  test('a variable with a default stands in the ARN of a queue', () => {
    const resource = QUEUE.replace('Runs', "${aws:PrincipalTag/queue, 'Runs'}");
    expect(evaluate({ ...send, identityPolicies: [allow('sqs:SendMessage', resource)] }).allowed).toBe(true);
  });

  test('a NotResource whose variable has no value does not mean every resource', () => {
    const policy = document({
      Effect: 'Allow',
      Action: '*',
      NotResource: QUEUE.replace('Runs', '${a:none}'),
    });
    expect(evaluate({ ...send, identityPolicies: [policy] }).allowed).toBe(false);
  });

  test('before version 2012-10-17 a variable is plain text', () => {
    const Condition = { StringEquals: { 'a:x': '${a:y}' } };
    const old = { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition } };
    const context = { 'a:x': 'v', 'a:y': 'v' };
    expect(evaluate({ ...put, context, identityPolicies: [old] }).allowed).toBe(false);
    expect(evaluate({ ...put, context: { 'a:x': '${a:y}' }, identityPolicies: [old] }).allowed).toBe(true);
  });
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: policy variables

const MALFORMED: [rule: string, policy: unknown, message: string][] = [
  [
    'an unknown operator',
    allow('*', '*', { Condition: { StringMatches: { a: 'b' } } }),
    'operator StringMatches is unknown',
  ],
  [
    'an unknown set operator',
    allow('*', '*', { Condition: { 'ForSome:StringLike': { a: 'b' } } }),
    'is unknown',
  ],
  ['an unknown element', allow('*', '*', { Conditions: {} }), 'Conditions is unknown'],
  ['another effect', document({ Effect: 'allow', Action: '*', Resource: '*' }), 'Effect is Allow or Deny'],
  ['no action', document({ Effect: 'Allow', Resource: '*' }), 'it has no Action'],
  ['no resource', document({ Effect: 'Allow', Action: '*' }), 'it has no Resource'],
  ['Action and NotAction', allow('*', '*', { NotAction: 's3:*' }), 'both Action and NotAction'],
  [
    'an action without its service',
    allow('PutItem', '*'),
    '"PutItem" is not an action such as sqs:SendMessage',
  ],
  ['a resource that is no ARN', allow('*', 'State'), '"State" is not "*" or an ARN'],
  ['an ARN cut short', allow('*', 'arn:aws:sqs'), 'an ARN of six parts'],
  [
    'an unresolved intrinsic',
    document({ Effect: 'Allow', Action: '*', Resource: { Ref: 'X' } }),
    'Resource must be text',
  ],
  [
    'a principal in an identity policy',
    allow('*', '*', { Principal: '*' }),
    'a Principal does not belong in a identity',
  ],
  [
    'a number that is none',
    allow('*', '*', { Condition: { NumericEquals: { a: 'x' } } }),
    '"x" is not a number',
  ],
  [
    'a date that is none',
    allow('*', '*', { Condition: { DateEquals: { a: 'soon' } } }),
    'is not an ISO 8601 date',
  ],
  [
    'a block that is none',
    allow('*', '*', { Condition: { IpAddress: { a: '10.0.0/8' } } }),
    'is not an address',
  ],
  ['a boolean that is none', allow('*', '*', { Condition: { Bool: { a: 'yes' } } }), 'is not true or false'],
  ['an unknown version', { Version: '2020-01-01', Statement: [] }, 'Version 2020-01-01 is unknown'],
  ['no statement', { Version: '2012-10-17' }, 'it has no Statement'],
  ['no policy', 'policy', 'must be an object'],
];

describe('a malformed policy throws, even where another policy decides', () => {
  test.each(MALFORMED)('%s', (_rule, policy, message) => {
    const identityPolicies = [allow('*', '*'), policy];
    expect(() => evaluate({ ...put, identityPolicies })).toThrow(message);
  });

  test('the message names the kind, the number and the Sid of the statement', () => {
    const policy = document(
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Sid: 'Puts', Effect: 'Allow', Action: 'x:*' },
    );
    expect(() => evaluate({ ...put, permissionsBoundary: policy })).toThrow(
      'Malformed permissions boundary, statement 1 (Puts): it has no Resource.',
    );
  });

  test('a service caller does not hide a malformed identity policy', () => {
    expect(() => evaluate({ ...send, principal: EVENTS, identityPolicies: ['x'] })).toThrow(
      'must be an object',
    );
  });
});

describe('a refusal says what is missing', () => {
  const hint = 'add "put" to the needs of functions/runner/contract.ts';

  test('an implicit deny names the missing statement and where it belongs', () => {
    const decision = evaluate(put);
    expect(decision).toEqual({
      allowed: false,
      reason: 'implicitDeny',
      missing: { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: TABLE },
      missingIn: 'identity policy',
    });
    expect(explainRefusal(put, decision, hint)).toBe(
      `role RunnerRole may not dynamodb:PutItem on ${TABLE}: no statement allows it; ${hint}`,
    );
  });

  test('an explicit deny names the statement that denies', () => {
    const request = { ...put, identityPolicies: [deny('dynamodb:*', '*', { Sid: 'NoState' })] };
    const decision = evaluate(request);
    expect(decision.statement).toMatchObject({ Sid: 'NoState', Effect: 'Deny' });
    expect(explainRefusal(request, decision)).toBe(
      `role RunnerRole may not dynamodb:PutItem on ${TABLE}: statement NoState of the identity policy denies it`,
    );
  });

  test('a boundary that does not allow is named', () => {
    const request = { ...put, identityPolicies: [allow('*', '*')], permissionsBoundary: allow('s3:*', '*') };
    expect(explainRefusal(request, evaluate(request))).toBe(
      `role RunnerRole may not dynamodb:PutItem on ${TABLE}: no statement of the permissions boundary allows it`,
    );
  });

  test('a service is told about the policy of the resource', () => {
    const request = { ...send, principal: EVENTS };
    expect(explainRefusal(request, evaluate(request))).toBe(
      `service events.amazonaws.com may not sqs:SendMessage on ${QUEUE}: no statement of the resource's policy allows it`,
    );
  });
});

describe("a Lambda permission is a statement of its function's resource policy", () => {
  const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:Api`;
  const API = `arn:aws:execute-api:eu-west-1:${ACCOUNT}:a1b2c3d4e5`;
  const permission = {
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: `${API}/*/*/health`,
  };

  test.each([
    ['the API it names may invoke', permission, `${API}/$default/GET/health`, true],
    ['another API may not', permission, `${API.replace('a1', 'z9')}/$default/GET/health`, false],
    [
      'an account is not a service',
      { ...permission, Principal: ACCOUNT },
      `${API}/$default/GET/health`,
      false,
    ],
    ['everyone', { Action: 'lambda:InvokeFunction', Principal: '*' }, 'arn:aws:s3:::b', true],
    [
      'another account',
      { ...permission, SourceAccount: '999999999999' },
      `${API}/$default/GET/health`,
      false,
    ],
  ])('%s', (_rule, properties, sourceArn, allowed) => {
    const decision = evaluate({
      principal: { kind: 'service', service: 'apigateway.amazonaws.com' },
      action: 'lambda:InvokeFunction',
      resource: FUNCTION,
      context: { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': ACCOUNT },
      identityPolicies: [],
      resourcePolicies: [policyOfPermission(properties, FUNCTION)],
    });
    expect(decision.allowed).toBe(allowed);
  });
});
