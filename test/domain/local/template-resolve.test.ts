import { describe, expect, test } from 'vitest';
import { identitiesOn } from '../../../infra/local/template/attributes.ts';
import { type ResolveOptions, resolveTemplate } from '../../../infra/local/template/resolve.ts';

const MACHINE = {
  accountId: '123456789012',
  region: 'eu-west-1',
  stackName: 'Watch',
  gatewayUrl: 'http://127.0.0.1:4100',
};

const OPTIONS: ResolveOptions = { ...MACHINE, ...identitiesOn(MACHINE) };

/** The value `Output` comes to in a template with one table, one queue and these sections. */
function resolveOutput(
  value: unknown,
  sections: object = {},
  options: Partial<ResolveOptions> = {},
): unknown {
  const template = {
    Resources: {
      State: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'state' } },
      Runs: { Type: 'AWS::SQS::Queue' },
    },
    Outputs: { Output: { Value: value } },
    ...sections,
  };
  return resolveTemplate(template, { ...OPTIONS, ...options }).outputs.get('Output')?.value;
}

const STATE_ARN = 'arn:aws:dynamodb:eu-west-1:123456789012:table/state';
const SECTIONS = {
  Parameters: {
    Level: { Type: 'String', Default: 'WARN' },
    Subnets: { Type: 'CommaDelimitedList', Default: 'a, b,c' },
    BootstrapVersion: {
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: '/cdk-bootstrap/hnb659fds/version',
    },
  },
  Mappings: { Sizes: { 'eu-west-1': { memory: 256, zones: ['x', 'y'] } } },
  Conditions: {
    IsWarn: { 'Fn::Equals': [{ Ref: 'Level' }, 'WARN'] },
    IsHere: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
    Both: { 'Fn::And': [{ Condition: 'IsWarn' }, { Condition: 'IsHere' }] },
    Neither: { 'Fn::Not': [{ 'Fn::Or': [{ Condition: 'IsWarn' }, { Condition: 'IsHere' }] }] },
  },
};

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Fn::Sub
const VALUES: [rule: string, value: unknown, expected: unknown][] = [
  ['a plain value stays', { a: [1, true, 'x', null] }, { a: [1, true, 'x', null] }],
  ['Ref of a table is its name', { Ref: 'State' }, 'state'],
  ['Ref of a queue is its URL', { Ref: 'Runs' }, 'http://127.0.0.1:4100/123456789012/Watch-Runs'],
  ['Ref of a parameter is its default', { Ref: 'Level' }, 'WARN'],
  ['Ref of a list parameter is a list', { Ref: 'Subnets' }, ['a', 'b', 'c']],
  [
    'the bootstrap version is the name of its entry',
    { Ref: 'BootstrapVersion' },
    '/cdk-bootstrap/hnb659fds/version',
  ],
  ['pseudo: account', { Ref: 'AWS::AccountId' }, '123456789012'],
  ['pseudo: region', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['pseudo: partition', { Ref: 'AWS::Partition' }, 'aws'],
  ['pseudo: URL suffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
  ['pseudo: stack name', { Ref: 'AWS::StackName' }, 'Watch'],
  [
    'pseudo: stack id',
    { Ref: 'AWS::StackId' },
    'arn:aws:cloudformation:eu-west-1:123456789012:stack/Watch/00000000-0000-0000-0000-000000000000',
  ],
  ['NoValue drops a property', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  ['NoValue drops an element', [{ Ref: 'AWS::NoValue' }, 1], [1]],
  ['GetAtt as a list', { 'Fn::GetAtt': ['State', 'Arn'] }, STATE_ARN],
  ['GetAtt as a text', { 'Fn::GetAtt': 'State.Arn' }, STATE_ARN],
  ['Join', { 'Fn::Join': ['/', [{ Ref: 'State' }, 'index', '*']] }, 'state/index/*'],
  ['Join of a computed list', { 'Fn::Join': ['+', { Ref: 'Subnets' }] }, 'a+b+c'],
  ['Split and Select', { 'Fn::Select': ['1', { 'Fn::Split': ['|', 'bus|rule'] }] }, 'rule'],
  ['Select with a number', { 'Fn::Select': [0, ['x', 'y']] }, 'x'],
  [
    'Sub',
    { 'Fn::Sub': '${State} ${State.Arn} ${AWS::Region} ${!Literal}' },
    `state ${STATE_ARN} eu-west-1 \${Literal}`,
  ],
  [
    'Sub with a map',
    { 'Fn::Sub': ['${Own}-${Level}', { Own: { 'Fn::GetAtt': 'Runs.QueueName' } }] },
    'Watch-Runs-WARN',
  ],
  ['If, a condition that holds', { 'Fn::If': ['Both', 'yes', { Ref: 'Nowhere' }] }, 'yes'],
  ['If, a condition that does not', { 'Fn::If': ['Neither', 'yes', 'no'] }, 'no'],
  ['If with NoValue', { a: { 'Fn::If': ['Neither', 1, { Ref: 'AWS::NoValue' }] } }, {}],
  ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'memory'] }, 256],
  ['FindInMap with a default', { 'Fn::FindInMap': ['Sizes', 'mars', 'memory', { DefaultValue: 128 }] }, 128],
  ['Base64', { 'Fn::Base64': 'hello' }, 'aGVsbG8='],
  [
    'the Condition of a policy is no function',
    { Condition: { Bool: { x: 'true' } } },
    { Condition: { Bool: { x: 'true' } } },
  ],
];

describe('a template resolves as CloudFormation documents it', () => {
  test.each(VALUES)('%s', (_rule, value, expected) => {
    expect(resolveOutput(value, SECTIONS)).toEqual(expected);
  });

  test('a given parameter replaces its default', () => {
    expect(resolveOutput({ 'Fn::If': ['IsWarn', 1, 2] }, SECTIONS, { parameters: { Level: 'INFO' } })).toBe(
      2,
    );
  });

  test('a dynamic reference is looked up after it has been joined', () => {
    const reference = {
      'Fn::Join': ['', ['Bearer {{resolve:secretsmanager:', { Ref: 'State' }, ':SecretString:token}}']],
    };
    const dynamicReference = (service: string, key: string) => `<${service} ${key}>`;
    expect(resolveOutput(reference, {}, { dynamicReference })).toBe(
      'Bearer <secretsmanager state:SecretString:token>',
    );
  });
});

const REFUSED: [rule: string, value: unknown, message: string][] = [
  [
    'an unknown name',
    { a: [{ Ref: 'Nowhere' }] },
    'at Outputs.Output.Value.a[0].Ref: Nowhere is neither a parameter nor',
  ],
  [
    'an unknown attribute',
    { 'Fn::GetAtt': ['State', 'StreamArn'] },
    'State.StreamArn: AWS::DynamoDB::Table is not known',
  ],
  [
    'an attribute named like a property of objects',
    { 'Fn::GetAtt': ['State', 'constructor'] },
    'is not known to have',
  ],
  [
    'an unknown function',
    { 'Fn::Length': [] },
    'at Outputs.Output.Value.Fn::Length: the function Fn::Length is unknown',
  ],
  [
    'a function with something beside it',
    { 'Fn::Join': ['', []], b: 1 },
    'Fn::Join must stand alone, but b stands',
  ],
  ['a function behind something', { b: 1, Ref: 'State' }, 'Ref must stand alone'],
  ['an import', { 'Fn::ImportValue': 'x' }, 'cannot import values of other stacks'],
  ['address blocks', { 'Fn::Cidr': ['10.0.0.0/8', 1, 8] }, 'Fn::Cidr is not supported'],
  ['an element that is not there', { 'Fn::Select': [2, ['x', 'y']] }, 'there is no element 2 among 2'],
  [
    'a mapping that is not there',
    { 'Fn::FindInMap': ['Sizes', 'mars', 'memory'] },
    'the mapping has no Sizes.mars.memory',
  ],
  ['an undeclared condition', { 'Fn::If': ['Perhaps', 1, 2] }, 'the condition Perhaps is not declared'],
  ['a list in a text', { 'Fn::Join': ['', [['x']]] }, 'only texts and numbers can stand in a text'],
  [
    'a dynamic reference nobody answers',
    '{{resolve:ssm:/a:1}}',
    '{{resolve:ssm:/a:1}} cannot be looked up here',
  ],
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: Fn::Sub

describe('what cannot be resolved is refused with its path', () => {
  test.each(REFUSED)('%s', (_rule, value, message) => {
    expect(() => resolveOutput(value, SECTIONS)).toThrow(message);
  });

  test.each([
    [
      'a parameter without a value',
      { Parameters: { Mail: { Type: 'String' } } },
      {},
      'at Parameters.Mail: it has no default',
    ],
    ['a value nobody declared', {}, { Mail: 'x' }, 'a value is given for Mail, which is not declared'],
    [
      'a value that is not allowed',
      { Parameters: { Level: { Type: 'String', AllowedValues: ['INFO', 'WARN'] } } },
      { Level: 'LOUD' },
      '"LOUD" is not one of INFO, WARN',
    ],
    [
      'a transform',
      { Transform: 'AWS::Serverless-2016-10-31' },
      {},
      'macros and transforms are not supported',
    ],
  ])('%s', (_rule, sections, parameters, message) => {
    expect(() => resolveOutput('x', sections, { parameters: parameters as Record<string, string> })).toThrow(
      message,
    );
  });

  test('conditions that depend on one another', () => {
    const Conditions = { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { Condition: 'A' } };
    expect(() => resolveOutput({ 'Fn::If': ['A', 1, 2] }, { Conditions })).toThrow(
      'the condition A depends on itself',
    );
  });
});

describe('resources come in the order in which they can be made', () => {
  const order = (Resources: object, sections: object = {}) => [
    ...resolveTemplate({ Resources, ...sections }, OPTIONS).resources.keys(),
  ];
  const table = (properties: object = {}, more: object = {}) => ({
    Type: 'AWS::DynamoDB::Table',
    Properties: properties,
    ...more,
  });

  test('after what they refer to and what they name in DependsOn', () => {
    const Resources = {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Fn::Sub
      Alarm: table({ Action: { 'Fn::Sub': '${Topic.Arn}' } }, { DependsOn: ['Policy'] }),
      Topic: table({ Name: { Ref: 'Third' } }),
      Policy: table(),
      Third: table(),
    };
    expect(order(Resources)).toEqual(['Policy', 'Third', 'Topic', 'Alarm']);
    expect(resolveTemplate({ Resources }, OPTIONS).resources.get('Alarm')?.dependsOn).toEqual([
      'Policy',
      'Topic',
    ]);
  });

  test('a circle is named', () => {
    const Resources = {
      A: table({ x: { Ref: 'B' } }),
      B: table({ x: { Ref: 'C' } }),
      C: table({}, { DependsOn: 'A' }),
    };
    expect(() => order(Resources)).toThrow(
      'at Resources.C.DependsOn[0]: the resources depend on one another in a circle: A → B → C → A',
    );
  });

  test('a resource whose condition does not hold is left out, and so is a DependsOn on it', () => {
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    const Resources = { A: table({}, { DependsOn: 'B' }), B: table({}, { Condition: 'Never' }) };
    expect(order(Resources, { Conditions })).toEqual(['A']);
  });

  test('a reference to a resource whose condition does not hold is refused', () => {
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    const Resources = { A: table({ x: { Ref: 'B' } }), B: table({}, { Condition: 'Never' }) };
    expect(() => order(Resources, { Conditions })).toThrow(
      'B is not made, for its condition Never does not hold',
    );
  });

  test('an output whose condition does not hold is left out', () => {
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    const Outputs = {
      Gone: { Value: 'x', Condition: 'Never' },
      Here: { Value: 'y', Export: { Name: { Ref: 'AWS::Region' } } },
    };
    const { outputs } = resolveTemplate({ Resources: {}, Conditions, Outputs }, OPTIONS);
    expect([...outputs]).toEqual([['Here', { value: 'y', description: undefined, exportName: 'eu-west-1' }]]);
  });

  test('metadata and deletion policy stay with the resource', () => {
    const Resources = { A: table({}, { Metadata: { 'aws:cdk:path': 'Watch/A' }, DeletionPolicy: 'Retain' }) };
    const resource = resolveTemplate({ Resources }, OPTIONS).resources.get('A');
    expect(resource).toMatchObject({ metadata: { 'aws:cdk:path': 'Watch/A' }, deletionPolicy: 'Retain' });
  });
});
