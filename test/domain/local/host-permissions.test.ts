import { afterEach, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, type HostLine, startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from './small-stack.ts';

const stack = writeSmallStack();
let host: Host | undefined;
let lines: HostLine[] = [];
afterEach(async () => {
  await host?.stop();
  host = undefined;
});
const start = async (patchTemplate: (template: RawTemplate) => void = () => {}): Promise<Host> => {
  lines = [];
  host = await startHost({
    assemblyDir: stack.assemblyDir,
    clock: 'driven',
    catchUp: false,
    patchTemplate,
    log: (line) => lines.push(line),
  });
  return host;
};
const problems = () =>
  lines.filter(({ level }) => level === 'error').map(({ source, text }) => `${source}: ${text}`);

type Statements = { Statement: { Sid: string }[] };
const withoutStatement = (role: string, sid: string) => (template: RawTemplate) => {
  const policies = template.Resources[role]?.Properties?.Policies as { PolicyDocument: Statements }[];
  for (const { PolicyDocument } of policies) {
    PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Sid }) => Sid !== sid);
  }
};
const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/Small-Items';
const getItem = [
  'DynamoDB_20120810.GetItem',
  'dynamodb',
  { TableName: 'Small-Items', Key: { pk: { S: 'a' }, sk: { S: 'b' } } },
];
const deleteItem = [
  'DynamoDB_20120810.DeleteItem',
  'dynamodb',
  { TableName: 'Small-Items', Key: { pk: { S: 'a' }, sk: { S: 'b' } } },
];

test('an allowed call is recorded with the statement that allowed it', async () => {
  const at = await start();
  expect(await at.invoke('worker', { aws: getItem })).toMatchObject({ status: 200 });
  expect(at.calls()).toContainEqual({
    caller: 'worker',
    action: 'dynamodb:GetItem',
    resource: table,
    allowed: true,
    statementSid: 'Items',
    sentence: undefined,
    count: 1,
  });
});

test('a call that the role does not allow is refused with the statement that is missing, and told', async () => {
  const at = await start();
  const answer = (await at.invoke('worker', { aws: deleteItem })) as {
    status: number;
    body: { __type: string; message: string };
  };
  const missing = `{"Effect":"Allow","Action":"dynamodb:DeleteItem","Resource":"${table}"}`;
  expect(answer.status).toBe(400);
  expect(answer.body.__type).toMatch(/#AccessDeniedException$/);
  expect(answer.body.message).toContain('may not dynamodb:DeleteItem');
  expect(answer.body.message).toContain(missing);
  expect(
    problems().filter((problem) => problem.startsWith('worker: ') && problem.includes(missing)),
  ).toHaveLength(1);
});

test('a permission taken away in the template is missing here too', async () => {
  const at = await start(withoutStatement('WorkerRole', 'Items'));
  expect(await at.invoke('worker', { aws: getItem })).toMatchObject({
    body: { message: expect.stringContaining('"Action":"dynamodb:GetItem"') },
  });
});

test('an access key that nobody was given is refused before anything is read', async () => {
  const at = await start();
  expect(await at.invoke('worker', { aws: [...getItem, 'ASIAUNKNOWN'] })).toMatchObject({
    body: { __type: expect.stringContaining('UnrecognizedClientException') },
  });
});

test('a service that is not hosted says so', async () => {
  const at = await start((template) => {
    const role = template.Resources.WorkerRole?.Properties?.Policies as {
      PolicyDocument: { Statement: unknown[] };
    }[];
    role[0]?.PolicyDocument.Statement.push({ Effect: 'Allow', Action: 'ce:GetCostAndUsage', Resource: '*' });
  });
  expect(
    await at.invoke('worker', { aws: ['AWSInsightsIndexService.GetCostAndUsage', 'ce', {}] }),
  ).toMatchObject({
    body: {
      __type: expect.stringContaining('NoAwsCredentials'),
      message: expect.stringContaining('is not hosted on one machine'),
    },
  });
});

test('a rule whose queue does not let it in delivers nothing, and is told', async () => {
  const at = await start((template) => delete template.Resources.HeardPolicy);
  const entry = { Source: 'small', DetailType: 'thing.made', Detail: '{}', EventBusName: 'bus' };
  await at.invoke('worker', { aws: ['AWSEvents.PutEvents', 'events', { Entries: [entry] }] });
  expect(await at.messagesIn('heard')).toEqual([]);
  expect(problems().join('\n')).toContain('events.amazonaws.com may not sqs:SendMessage');
});

test('a queue whose function may not receive from it feeds nothing, and the reason is told', async () => {
  await start(withoutStatement('WorkerRole', 'OwnQueue'));
  expect(problems().join('\n')).toMatch(/work cannot feed Small-Worker: .*may not sqs:ReceiveMessage/);
});

test('a queue whose messages would come again too early feeds nothing, as in AWS', async () => {
  await start((template) =>
    Object.assign(template.Resources.Work?.Properties ?? {}, { VisibilityTimeout: 1 }),
  );
  expect(problems().join('\n')).toContain(
    "its visibility timeout of 1 s is less than the function's timeout of 2 s",
  );
});

test('a schedule whose role does not trust the scheduler never starts', async () => {
  await start((template) => {
    const document = template.Resources.TickRole?.Properties?.AssumeRolePolicyDocument as {
      Statement: { Principal: unknown }[];
    };
    for (const statement of document.Statement) statement.Principal = { Service: 'lambda.amazonaws.com' };
  });
  expect(problems().join('\n')).toMatch(/schedule of worker never starts: .*may not sts:AssumeRole/);
});

test('an HTTP API that may not invoke its function answers 500 and tells why', async () => {
  const at = await start((template) => delete template.Resources.Permission);
  expect((await fetch(`${at.url}/open/1`)).status).toBe(500);
  expect(problems().join('\n')).toContain('apigateway.amazonaws.com may not lambda:InvokeFunction');
});

test('a resource type that is neither hosted nor known to be inert stops the start with its name', async () => {
  const unknown = start((template) => {
    template.Resources.Cluster = { Type: 'AWS::ECS::Cluster', Properties: {} };
  });
  await expect(unknown).rejects.toThrow(/does not know AWS::ECS::Cluster \(resource Cluster\)/);
});

test('something of a hosted type that is not hosted stops the start too', async () => {
  const cors = start((template) =>
    Object.assign(template.Resources.Api?.Properties ?? {}, { CorsConfiguration: {} }),
  );
  await expect(cors).rejects.toThrow('CorsConfiguration is not hosted');
});

/** A role that the worker may take when it trusts the account. */
const withAssumable = (trusted: string) => (template: RawTemplate) => {
  const Version = '2012-10-17';
  template.Resources.Assumable = {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'Assumable',
      AssumeRolePolicyDocument: {
        Version,
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: trusted } }],
      },
      Policies: [
        {
          PolicyName: 'Own',
          PolicyDocument: {
            Version,
            Statement: [
              { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:PutItem'], Resource: table },
            ],
          },
        },
      ],
    },
  };
  const own = template.Resources.WorkerRole?.Properties?.Policies as {
    PolicyDocument: { Statement: unknown[] };
  }[];
  own[0]?.PolicyDocument.Statement.push({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roleArn });
};
const roleArn = 'arn:aws:iam::000000000000:role/Assumable';
const assumeRole = (policy: unknown): string =>
  new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: 'plan',
    Policy: JSON.stringify(policy),
  }).toString();
const onlyPut = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: '*' }],
};

test('a session of an assumed role may do what both the role and its session policy allow', async () => {
  const at = await start(withAssumable('arn:aws:iam::000000000000:root'));
  const { body } = (await at.invoke('worker', { aws: ['', 'sts', assumeRole(onlyPut)] })) as { body: string };
  const [, key = ''] = /<AccessKeyId>(\w+)<\/AccessKeyId>/.exec(body) ?? [];
  const putItem = [
    'DynamoDB_20120810.PutItem',
    'dynamodb',
    { TableName: 'Small-Items', Item: { pk: { S: 'a' }, sk: { S: 'b' } } },
  ];
  expect(await at.invoke('worker', { aws: [...putItem, key] })).toMatchObject({ status: 200 });
  expect(await at.invoke('worker', { aws: [...getItem, key] })).toMatchObject({
    body: { message: expect.stringContaining('no statement of the session policy allows it') },
  });
  await at.advance('61m');
  expect(await at.invoke('worker', { aws: [...putItem, key] })).toMatchObject({
    body: { __type: expect.stringContaining('UnrecognizedClientException') },
  });
});

test('a role that does not trust its caller is not taken, whatever the caller is allowed', async () => {
  const at = await start(withAssumable('arn:aws:iam::111122223333:root'));
  expect(await at.invoke('worker', { aws: ['', 'sts', assumeRole(onlyPut)] })).toMatchObject({
    status: 403,
    body: expect.stringContaining('may not sts:AssumeRole'),
  });
});
