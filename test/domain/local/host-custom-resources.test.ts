import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, type HostLine, type HostOptions, startHost } from '../../../infra/local/host.ts';
import { ask, wanting, writeConsoleStack } from './console-stack.ts';

const stack = writeConsoleStack();
let host: Host | undefined;
let lines: HostLine[] = [];
afterEach(async () => {
  await host?.stop();
  host = undefined;
});
afterAll(() => stack.remove());

const start = async (options: Partial<HostOptions> = {}): Promise<Host> => {
  await host?.stop();
  lines = [];
  host = await startHost({
    assemblyDir: stack.assemblyDir,
    clock: 'driven',
    catchUp: false,
    log: (line) => lines.push(line),
    ...options,
  });
  return host;
};
const problems = () =>
  lines.filter(({ level }) => level === 'error').map(({ source, text }) => `${source}: ${text}`);
const page = '<!doctype html><title>other</title>';
const otherPage = wanting({ Files: { 'index.html': { body: page, type: 'text/html' } } });
/** How often the function put something: it was not invoked when it put nothing. */
const puts = (at: Host): number =>
  at
    .calls()
    .filter(({ caller, action }) => caller === 'filler' && action === 's3:PutObject')
    .reduce((sum, { count }) => sum + count, 0);
type Event = Record<string, unknown>;
const event = async (at: Host): Promise<Event> =>
  JSON.parse((await ask(at, '/event.json')).body.toString()) as Event;

describe('A custom resource', () => {
  test('is made as CloudFormation makes it, when the first request needs it and not before', async () => {
    const at = await start();
    await at.advance('10m');
    expect((await ask(at, '/open/1')).status).toBe(200);
    expect(puts(at)).toBe(0);
    const both = await Promise.all([ask(at, '/'), ask(at, '/assets/app.js')]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(puts(at)).toBe(4);
    expect(await event(at)).toEqual({
      RequestType: 'Create',
      ResponseURL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}$/),
      StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/Small/local',
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ResourceType: 'Custom::Files',
      LogicalResourceId: 'Filled',
      ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:Small-Filler',
      ResourceProperties: expect.objectContaining({ BucketName: 'small-files', ServiceTimeout: '600' }),
    });
    expect(problems()).toEqual([]);
  });

  test('is made ahead when the host is asked to finish the deployment, and settling waits for it', async () => {
    const at = await start();
    void at.finishDeployment();
    await at.settle();
    expect(puts(at)).toBe(4);
  });

  test('is not made again by the next start, is updated when it is wanted otherwise, and keeps what was made', async () => {
    const { dataDir } = stack;
    const first = await start({ dataDir });
    expect((await ask(first, '/')).status).toBe(200);

    const second = await start({ dataDir });
    expect((await ask(second, '/')).body.toString()).toBe('<!doctype html><title>console</title>');
    expect(puts(second)).toBe(0);

    const third = await start({ dataDir, patchTemplate: otherPage });
    expect((await ask(third, '/')).body.toString()).toBe(page);
    expect(await event(third)).toMatchObject({
      RequestType: 'Update',
      PhysicalResourceId: 'files-1',
      ResourceProperties: { Files: { 'index.html': { body: page } } },
      OldResourceProperties: { Files: { 'assets/logo.png': { type: 'image/png' } } },
    });

    const failing = wanting({ Fails: 'says so' });
    const fourth = await start({ dataDir, patchTemplate: failing });
    expect((await ask(fourth, '/')).status).toBe(503);
    expect(problems()).toEqual([
      'host: Filled (Custom::Files) could not be brought up to date: the shelf is full',
    ]);
  });

  const said = (answer: object) => ({ Says: JSON.stringify(answer) });
  test.each([
    ['says that it failed', { Fails: 'says so' }, 'the shelf is full'],
    ['throws', { Fails: 'throws' }, 'RangeError: out of shelves'],
    ['never answers', { Fails: 'silent' }, 'its function ended without an answer to the ResponseURL'],
    [
      'answers for another',
      said({ LogicalResourceId: 'Other' }),
      'its answer has another LogicalResourceId than the event',
    ],
    ['names nothing made', said({ PhysicalResourceId: '' }), 'its answer has no PhysicalResourceId'],
    ['knows no such status', said({ Status: 'DONE' }), 'its answer has no Status SUCCESS or FAILED'],
    ['says too much', said({ Data: 'x'.repeat(5000) }), 'its answer has more than 4096 bytes'],
    [
      'is not in the stack',
      { ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:gone' },
      'its function arn:aws:lambda:us-east-1:000000000000:function:gone is not in the stack',
    ],
  ])(
    'whose function %s is told once with the reason, and requests are answered 503 with it',
    async (_what, wanted, reason) => {
      const at = await start({ patchTemplate: wanting(wanted) });
      const sentence = `Filled (Custom::Files) could not be made: ${reason}`;
      for (const path of ['/', '/assets/app.js']) {
        const { status, headers, body } = await ask(at, path);
        expect([status, headers['cache-control']]).toEqual([503, 'no-store']);
        expect(body.toString()).toContain(sentence);
      }
      expect(problems()).toEqual([`host: ${sentence}`]);
      expect((await ask(at, '/open/1')).status).toBe(200);
    },
  );

  test('whose function is too slow is told as timed out', async () => {
    const at = await start({
      patchTemplate(template) {
        wanting({ Fails: 'hangs' })(template);
        Object.assign(template.Resources.Filler?.Properties ?? {}, { Timeout: 1 });
      },
    });
    expect((await ask(at, '/')).status).toBe(503);
    expect(problems()).toEqual([
      'host: Filled (Custom::Files) could not be made: Sandbox.Timedout: Task timed out after 1.00 seconds',
    ]);
  });
});

describe('A bucket behind a distribution', () => {
  type Policy = { Statement: { Condition?: object; Sid: string }[] };
  const policyOf = ({ Resources }: RawTemplate): Policy =>
    Resources.FilesPolicy?.Properties?.PolicyDocument as Policy;

  test.each([
    ['has no policy', ({ Resources }: RawTemplate) => void delete Resources.FilesPolicy],
    [
      'lets in only another distribution',
      (template: RawTemplate) => {
        for (const statement of policyOf(template).Statement)
          statement.Condition = {
            StringEquals: { 'AWS:SourceArn': 'arn:aws:cloudfront::000000000000:distribution/EOTHER' },
          };
      },
    ],
  ])('that %s shows nothing, and the terminal says what is missing', async (_what, patchTemplate) => {
    const at = await start({ patchTemplate });
    const { status, body } = await ask(at, '/');
    expect([status, body.toString().includes('<Code>AccessDenied</Code>')]).toEqual([403, true]);
    expect(problems()).toHaveLength(1);
    expect(problems()[0]).toMatch(
      /cloudfront\.amazonaws\.com.*s3:GetObject.*arn:aws:s3:::small-files\/index\.html/,
    );
  });

  test('tells what is missing to a distribution that may list it', async () => {
    const at = await start({
      patchTemplate(template) {
        const { Statement } = policyOf(template);
        const [reads] = Statement;
        Statement.push({
          ...reads,
          Sid: 'Lists',
          ...{ Action: 's3:ListBucket', Resource: { 'Fn::GetAtt': ['Files', 'Arn'] } },
        });
      },
    });
    const { status, body } = await ask(at, '/gone.js');
    expect([status, body.toString().includes('<Code>NoSuchKey</Code>')]).toEqual([404, true]);
    expect(problems()).toEqual([]);
  });

  test('is filled and emptied with the SDK by the role of a function, key by key', async () => {
    const at = await start({
      patchTemplate({ Resources }) {
        const policies = Resources.FillerRole?.Properties?.Policies ?? [];
        const [own] = policies as { PolicyDocument: { Statement: object[] } }[];
        own?.PolicyDocument.Statement.push({
          Sid: 'Kept',
          Effect: 'Deny',
          Action: 's3:DeleteObject',
          Resource: 'arn:aws:s3:::small-files/kept & safe.js',
        });
      },
    });
    const credentials = (await at.invoke('filler', { asks: 'credentials' })) as {
      accessKeyId: string;
      secretAccessKey: string;
    };
    const client = new S3Client({
      region: at.aws.region,
      endpoint: at.aws.endpoint,
      credentials,
      maxAttempts: 1,
    });
    const Bucket = 'small-files';
    for (const Key of ['a b.js', 'ä.js', 'kept & safe.js'])
      await client.send(
        new PutObjectCommand({ Bucket, Key, Body: 'x'.repeat(2000), ContentType: 'text/javascript' }),
      );
    const remove = (...keys: string[]) =>
      client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
    await expect(remove('a b.js', 'kept & safe.js')).rejects.toThrow(/s3:DeleteObject/);
    await remove('a b.js', 'ä.js');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['kept & safe.js']);
    await expect(client.send(new ListObjectsV2Command({ Bucket: 'small-other' }))).rejects.toThrow(
      /s3:ListBucket/,
    );
    client.destroy();
  });
});

describe('What is not hosted of a distribution stops the start with its name', () => {
  type Config = {
    DefaultCacheBehavior: Record<string, unknown>;
    Origins: Record<string, unknown>[];
  } & Record<string, unknown>;
  const changed = (change: (config: Config) => void) => ({
    patchTemplate({ Resources }: RawTemplate) {
      change(Resources.Distribution?.Properties?.DistributionConfig as Config);
    },
  });
  test.each([
    [
      'Distribution: CustomErrorResponses is not hosted on one machine',
      changed((config) =>
        Object.assign(config, {
          CustomErrorResponses: [{ ErrorCode: 404, ErrorCachingMinTTL: 0, ResponsePagePath: '/index.html' }],
        }),
      ),
    ],
    [
      'Distribution, behaviour *: FunctionAssociations is not hosted on one machine',
      changed(({ DefaultCacheBehavior }) =>
        Object.assign(DefaultCacheBehavior, { FunctionAssociations: [{ EventType: 'viewer-request' }] }),
      ),
    ],
    [
      'Distribution, behaviour *: there is no origin other',
      changed(({ DefaultCacheBehavior }) => Object.assign(DefaultCacheBehavior, { TargetOriginId: 'other' })),
    ],
    [
      'Distribution, origin api: www.example.com is neither a bucket nor the HTTP API of the stack',
      changed(({ Origins }) => Object.assign(Origins[1] ?? {}, { DomainName: 'www.example.com' })),
    ],
    [
      'Distribution, origin files: a bucket is read only through an origin access control that always signs',
      changed(({ Origins }) => delete Origins[0]?.OriginAccessControlId),
    ],
    [
      'Distribution, behaviour *: the response headers policy 67f7725c-6f97-4210-82d7-5512b31e9d03 is not in the template, and what it adds is not known on one machine',
      changed(({ DefaultCacheBehavior }) =>
        Object.assign(DefaultCacheBehavior, {
          ResponseHeadersPolicyId: '67f7725c-6f97-4210-82d7-5512b31e9d03',
        }),
      ),
    ],
  ])('%s', async (sentence, options) => {
    await expect(start(options)).rejects.toThrow(sentence);
  });
});
