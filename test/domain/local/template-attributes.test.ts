import { describe, expect, test } from 'vitest';
import { identitiesOn, isKnownType } from '../../../infra/local/template/attributes.ts';
import { resolveTemplate } from '../../../infra/local/template/resolve.ts';

const MACHINE = {
  accountId: '123456789012',
  region: 'eu-west-1',
  stackName: 'Watch',
  gatewayUrl: 'http://127.0.0.1:4100',
  apiUrl: 'http://127.0.0.1:3007',
};
const ACCOUNT = 'eu-west-1:123456789012';

/** Ref and every named attribute of one resource `It` of the type. */
function identityOf(type: string, properties: object, attributes: string[], machine = MACHINE): unknown[] {
  const template = {
    Resources: { It: { Type: type, Properties: properties } },
    Outputs: {
      All: { Value: [{ Ref: 'It' }, ...attributes.map((name) => ({ 'Fn::GetAtt': ['It', name] }))] },
    },
  };
  const value = resolveTemplate(template, { ...machine, ...identitiesOn(machine) }).outputs.get('All')?.value;
  return Array.isArray(value) ? value : [];
}

type Row = [type: string, properties: object, attributes: string[], expected: string[]];

const ROWS: Row[] = [
  ['AWS::DynamoDB::Table', {}, ['Arn'], ['Watch-It', `arn:aws:dynamodb:${ACCOUNT}:table/Watch-It`]],
  ['AWS::DynamoDB::GlobalTable', { TableName: 't' }, ['Arn'], ['t', `arn:aws:dynamodb:${ACCOUNT}:table/t`]],
  [
    'AWS::SQS::Queue',
    {},
    ['Arn', 'QueueName', 'QueueUrl'],
    [
      'http://127.0.0.1:4100/123456789012/Watch-It',
      `arn:aws:sqs:${ACCOUNT}:Watch-It`,
      'Watch-It',
      'http://127.0.0.1:4100/123456789012/Watch-It',
    ],
  ],
  [
    'AWS::SQS::Queue',
    { FifoQueue: true },
    ['QueueName'],
    ['http://127.0.0.1:4100/123456789012/Watch-It.fifo', 'Watch-It.fifo'],
  ],
  [
    'AWS::SNS::Topic',
    {},
    ['TopicName', 'TopicArn'],
    [`arn:aws:sns:${ACCOUNT}:Watch-It`, 'Watch-It', `arn:aws:sns:${ACCOUNT}:Watch-It`],
  ],
  [
    'AWS::Events::EventBus',
    { Name: 'bus' },
    ['Arn', 'Name'],
    ['bus', `arn:aws:events:${ACCOUNT}:event-bus/bus`, 'bus'],
  ],
  ['AWS::Events::Rule', {}, ['Arn'], ['Watch-It', `arn:aws:events:${ACCOUNT}:rule/Watch-It`]],
  [
    'AWS::Events::Rule',
    { EventBusName: 'bus', Name: 'r' },
    ['Arn'],
    ['bus|r', `arn:aws:events:${ACCOUNT}:rule/bus/r`],
  ],
  [
    'AWS::Events::Rule',
    { EventBusName: `arn:aws:events:${ACCOUNT}:event-bus/bus`, Name: 'r' },
    ['Arn'],
    ['bus|r', `arn:aws:events:${ACCOUNT}:rule/bus/r`],
  ],
  ['AWS::Lambda::Function', {}, ['Arn'], ['Watch-It', `arn:aws:lambda:${ACCOUNT}:function:Watch-It`]],
  ['AWS::IAM::Role', { Path: '/app/' }, ['Arn'], ['Watch-It', 'arn:aws:iam::123456789012:role/app/Watch-It']],
  ['AWS::IAM::Role', { RoleName: 'r' }, ['Arn'], ['r', 'arn:aws:iam::123456789012:role/r']],
  ['AWS::IAM::Policy', {}, [], ['Watch-It']],
  ['AWS::IAM::ManagedPolicy', {}, [], ['arn:aws:iam::123456789012:policy/Watch-It']],
  ['AWS::Logs::LogGroup', {}, ['Arn'], ['Watch-It', `arn:aws:logs:${ACCOUNT}:log-group:Watch-It:*`]],
  [
    'AWS::Scheduler::Schedule',
    {},
    ['Arn'],
    ['Watch-It', `arn:aws:scheduler:${ACCOUNT}:schedule/default/Watch-It`],
  ],
  [
    'AWS::Scheduler::Schedule',
    { GroupName: 'g', Name: 's' },
    ['Arn'],
    ['s', `arn:aws:scheduler:${ACCOUNT}:schedule/g/s`],
  ],
  [
    'AWS::Scheduler::ScheduleGroup',
    { Name: 'g' },
    ['Arn'],
    ['g', `arn:aws:scheduler:${ACCOUNT}:schedule-group/g`],
  ],
  ['AWS::ApiGatewayV2::Stage', { StageName: '$default' }, [], ['$default']],
  ['AWS::CloudWatch::Alarm', {}, ['Arn'], ['Watch-It', `arn:aws:cloudwatch:${ACCOUNT}:alarm:Watch-It`]],
  [
    'AWS::SSM::Parameter',
    { Name: '/a', Type: 'String', Value: 'v' },
    ['Type', 'Value'],
    ['/a', 'String', 'v'],
  ],
  [
    'AWS::StepFunctions::StateMachine',
    {},
    ['Arn', 'Name'],
    [
      `arn:aws:states:${ACCOUNT}:stateMachine:Watch-It`,
      `arn:aws:states:${ACCOUNT}:stateMachine:Watch-It`,
      'Watch-It',
    ],
  ],
  ['AWS::S3::Bucket', {}, ['Arn'], ['watch-it', 'arn:aws:s3:::watch-it']],
];

describe('Ref and Fn::GetAtt give what CloudFormation documents for the type', () => {
  test.each(ROWS)('%s %j', (type, properties, attributes, expected) => {
    expect(identityOf(type, properties, attributes)).toEqual(expected);
  });

  test('Ref of a secret is its ARN with six characters after the name, the same each time', () => {
    const [ref] = identityOf('AWS::SecretsManager::Secret', { Name: 'token' }, []);
    expect(ref).toMatch(/^arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-[a-z0-9]{6}$/);
    expect(identityOf('AWS::SecretsManager::Secret', { Name: 'token' }, [])).toEqual([ref]);
    expect(
      identityOf('AWS::SecretsManager::Secret', { Name: 'token' }, [], { ...MACHINE, stackName: 'Other' }),
    ).not.toEqual([ref]);
  });

  test('an HTTP API has an id of ten characters and answers at the URL of the machine', () => {
    const [ref, endpoint] = identityOf('AWS::ApiGatewayV2::Api', {}, ['ApiEndpoint']);
    expect(ref).toMatch(/^[a-z0-9]{10}$/);
    expect(endpoint).toBe('http://127.0.0.1:3007');
  });

  test.each([
    ['a distribution', 'Distribution', /^E[A-Z0-9]{13}$/],
    ['an origin access control', 'OriginAccessControl', /^E[A-Z0-9]{13}$/],
    ['a cache policy', 'CachePolicy', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
    ['a response headers policy', 'ResponseHeadersPolicy', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ])('%s of CloudFront has an id, which is its Ref too', (_what, type, pattern) => {
    const [ref, id] = identityOf(`AWS::CloudFront::${type}`, {}, ['Id']);
    expect(ref).toMatch(pattern);
    expect(id).toBe(ref);
  });

  test("an https URL of a distribution is the address of this machine, and its domain alone is nobody else's", () => {
    const domain = { 'Fn::GetAtt': ['It', 'DomainName'] };
    const template = {
      Resources: { It: { Type: 'AWS::CloudFront::Distribution' } },
      Outputs: {
        Url: { Value: { 'Fn::Join': ['', ['https://', domain]] } },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is CloudFormation that fills it in.
        Link: { Value: { 'Fn::Sub': 'see https://${It.DomainName}/#/incidents/1.' } },
        Domain: { Value: domain },
        Longer: { Value: { 'Fn::Join': ['', ['https://', domain, '.example.com/']] } },
        Other: { Value: { 'Fn::Join': ['', ['http://', domain]] } },
      },
    };
    const { outputs } = resolveTemplate(template, { ...MACHINE, ...identitiesOn(MACHINE) });
    const value = (name: string) => String(outputs.get(name)?.value);
    expect(value('Url')).toBe('http://127.0.0.1:3007');
    expect(value('Link')).toBe('see http://127.0.0.1:3007/#/incidents/1.');
    expect(value('Domain')).toMatch(/^d[a-z0-9]{13}\.cloudfront\.localhost$/);
    expect(value('Longer')).toBe(`https://${value('Domain')}.example.com/`);
    expect(value('Other')).toBe(`http://${value('Domain')}`);
  });

  test.each(['Route', 'Integration', 'Authorizer'])('the id of a %s has seven characters', (part) => {
    expect(identityOf(`AWS::ApiGatewayV2::${part}`, {}, [])[0]).toMatch(/^[a-z0-9]{7}$/);
  });

  test('a role has an id, an event source mapping a UUID', () => {
    expect(identityOf('AWS::IAM::Role', {}, ['RoleId'])[1]).toMatch(/^AROA[A-Z0-9]{17}$/);
    expect(identityOf('AWS::Lambda::EventSourceMapping', {}, [])[0]).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test('a name too long for its service is cut, and stays apart from its neighbours', () => {
    const machine = (stackName: string) => ({ ...MACHINE, stackName });
    const [name] = identityOf('AWS::Lambda::Function', {}, [], machine('a'.repeat(80)));
    const [neighbour] = identityOf('AWS::Lambda::Function', {}, [], machine(`${'a'.repeat(79)}b`));
    expect(String(name)).toHaveLength(64);
    expect(neighbour).not.toBe(name);
  });

  test('Ref of an unknown type is refused', () => {
    expect(isKnownType('AWS::EC2::Instance')).toBe(false);
    expect(() => identityOf('AWS::EC2::Instance', {}, [])).toThrow(
      'Ref of It: AWS::EC2::Instance is not known to have one',
    );
  });
});
