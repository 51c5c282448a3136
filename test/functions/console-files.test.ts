import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { buildApp } from 'fauxqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { contract } from '../../functions/console-files/contract.ts';
import { bundleFunctions } from '../../infra/constructs/bundle.ts';
import { openFiles } from '../../shared/platform/aws/files.aws.ts';
import { onCustomResource } from '../../shared/platform/edge/custom-resource.ts';

type Handler = (event: object) => Promise<void>;

const bucket = 'console-files-of-a-stack';
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };

/** The function as it is deployed, its bundle with what it carries beside it, against an S3 on loopback. */
describe('console-files', () => {
  const app = buildApp({ logger: false });
  let folder: string;
  let s3: S3Client;
  let handlers: Readonly<Record<'first' | 'second', Handler>>;
  let cloudFormation: Server;
  let responseUrl: string;
  let answers: { contentType: string | undefined; body: Record<string, unknown> }[];
  let refusals: number;

  const bundled = async (release: 'first' | 'second'): Promise<Handler> => {
    const from = join(folder, `console-${release}`);
    await mkdir(join(from, 'assets'), { recursive: true });
    await writeFile(join(from, 'index.html'), `<!doctype html>${release}`);
    await writeFile(join(from, 'assets', `${release}.js`), release);
    const bundles = await bundleFunctions(['console-files'], join(folder, release), {
      'console-files': { as: 'console', from: Promise.resolve(from) },
    });
    const { handler } = await import(
      pathToFileURL(join(bundles['console-files']?.dir ?? '', 'index.mjs')).href
    );
    return handler as Handler;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'homeostat-console-files-'));
    const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
    const settings = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', HOMEOSTAT_CONSOLE_FILES: bucket };
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
    cloudFormation = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const refused = refusals > 0;
      refusals -= 1;
      if (!refused)
        answers.push({
          contentType: request.headers['content-type'],
          body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
        });
      response.writeHead(refused ? 503 : 200).end();
    });
    await new Promise<void>((resolve) => cloudFormation.listen(0, '127.0.0.1', resolve));
    responseUrl = `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/answer?signed=yes`;
    handlers = { first: await bundled('first'), second: await bundled('second') };
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    s3.destroy();
    cloudFormation.close();
    cloudFormation.closeAllConnections();
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    answers = [];
    refusals = 0;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  });
  afterEach(async () => {
    await handlers.second(eventOf('Delete'));
    await s3.send(new DeleteBucketCommand({ Bucket: bucket })).catch(() => undefined);
  });

  const eventOf = (RequestType: 'Create' | 'Update' | 'Delete', more: object = {}) => ({
    RequestType,
    ResponseURL: responseUrl,
    StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Homeostat/1',
    RequestId: 'request-1',
    LogicalResourceId: 'Content',
    ResourceType: 'Custom::ConsoleFiles',
    ...(RequestType !== 'Create' && { PhysicalResourceId: bucket }),
    ResourceProperties: { ServiceToken: 'arn', BucketName: bucket, FilesHash: 'hash', ...more },
  });
  const keys = async (): Promise<readonly (string | undefined)[]> =>
    ((await s3.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? [])
      .map(({ Key }) => Key)
      .sort();
  const headersOf = async (key: string) => {
    const { ContentType, CacheControl } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return [ContentType, CacheControl];
  };
  const succeeded = {
    Status: 'SUCCESS',
    PhysicalResourceId: bucket,
    StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Homeostat/1',
    RequestId: 'request-1',
    LogicalResourceId: 'Content',
  };

  test('what it carries lies in the bucket with types and ages, and CloudFormation is told so', async () => {
    await handlers.first(eventOf('Create'));
    expect(await keys()).toEqual(['assets/first.js', 'index.html']);
    expect(await headersOf('index.html')).toEqual(['text/html; charset=utf-8', 'no-cache']);
    expect(await headersOf('assets/first.js')).toEqual([
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ]);
    // The signature of the address covers an empty content type.
    expect(answers).toEqual([{ contentType: undefined, body: succeeded }]);
  });

  test('with the next release the files of the one before stay for open tabs, however often the event comes', async () => {
    await handlers.first(eventOf('Create'));
    await handlers.second(eventOf('Update'));
    await handlers.second(eventOf('Update'));
    // A Create that comes late meets the code of the next release, and so its files.
    await handlers.second(eventOf('Create'));
    expect(await keys()).toEqual([
      'assets/first.js',
      'assets/second.js',
      'index.html',
      'retired/assets/first.js',
    ]);
    expect(answers.map(({ body }) => body.Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS']);
  });

  test('when the stack goes the bucket is empty, so that it can go too; a second time nothing is missed', async () => {
    await handlers.first(eventOf('Create'));
    await handlers.first(eventOf('Delete'));
    expect(await keys()).toEqual([]);
    await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
    await handlers.first(eventOf('Delete'));
    expect(answers.map(({ body }) => body.Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
  });

  test('what cannot be done is answered with the reason: CloudFormation never waits for nothing', async () => {
    await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
    await handlers.first(eventOf('Create'));
    await handlers.first(eventOf('Update', { BucketName: 'another' }));
    expect(answers.map(({ body }) => body)).toEqual([
      {
        ...succeeded,
        Status: 'FAILED',
        PhysicalResourceId: 'Content',
        Reason: expect.stringMatching(/bucket/i),
      },
      {
        ...succeeded,
        Status: 'FAILED',
        Reason: `this function puts files into ${bucket} and into no other bucket, so not into another`,
      },
    ]);
  });

  test('work that hangs is answered while the function still lives', async () => {
    // Of the function's time the last twenty seconds are for the answer.
    const hanging = onCustomResource(
      { ...contract, timeoutSeconds: 20.05 },
      { consoleFiles: openFiles },
      () => new Promise(() => {}),
    );
    await hanging(eventOf('Update') as unknown as CloudFormationCustomResourceEvent);
    expect(answers[0]?.body).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: bucket,
      Reason: 'Update took longer than 0.05 s; deploy again to go on',
    });
  });

  test('an answer that is not taken is sent again', async () => {
    refusals = 1;
    await handlers.first(eventOf('Create'));
    expect(answers).toEqual([{ contentType: undefined, body: succeeded }]);
  });
});
