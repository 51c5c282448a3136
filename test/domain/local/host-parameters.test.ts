import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, type HostLine, startHost } from '../../../infra/local/host.ts';
import {
  checkSecretsFile,
  readSecrets,
  removeSecret,
  writeSecret,
} from '../../../infra/local/secrets/check-secrets.ts';
import { writeSmallStack } from './small-stack.ts';

const run = promisify(execFile);
const stack = writeSmallStack();
const lines: HostLine[] = [];
let host: Host;
let ssm: SSMClient;
let folder: string;

const mayRead = (arn: string) => (template: RawTemplate) => {
  const [policy] = (template.Resources.WorkerRole?.Properties?.Policies ?? []) as {
    PolicyDocument: { Statement: unknown[] };
  }[];
  policy?.PolicyDocument.Statement.push({
    Sid: 'Secrets',
    Effect: 'Allow',
    Action: ['ssm:GetParameter'],
    Resource: arn,
  });
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'homeostat-parameters-'));
  host = await startHost({
    assemblyDir: stack.assemblyDir,
    dataDir: folder,
    catchUp: false,
    patchTemplate: mayRead('arn:aws:ssm:us-east-1:000000000000:parameter/homeostat/Homeostat/*'),
    log: (line) => lines.push(line),
  });
  ssm = new SSMClient({ ...host.aws, maxAttempts: 1 });
});
afterEach(async () => {
  ssm.destroy();
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => stack.remove());

const put = (Name: string, Value: string, Overwrite = false) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite }));
const get = async (Name: string, WithDecryption = true) =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
const described = async (Values: string[]) => {
  const answer = await ssm.send(
    new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values }] }),
  );
  return answer.Parameters?.map(({ Name }) => Name);
};
const one = '/homeostat/Homeostat/ONE';

test('a parameter is put, read decrypted, replaced only when told so, and removed', async () => {
  await put(one, 'first');
  expect(await get(one)).toMatchObject({ Name: one, Type: 'SecureString', Value: 'first', Version: 1 });
  await expect(put(one, 'second')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
  await put(one, 'second', true);
  expect(await get(one)).toMatchObject({ Value: 'second', Version: 2 });
  await ssm.send(new DeleteParameterCommand({ Name: one }));
  await expect(get(one)).rejects.toMatchObject({ name: 'ParameterNotFound' });
  await expect(ssm.send(new DeleteParameterCommand({ Name: one }))).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
});

test('without decryption the value is not told', async () => {
  await put(one, 'plain-to-see');
  expect((await get(one, false))?.Value).not.toContain('plain-to-see');
});

test('describing tells which of some names there are, a page at a time, and never a value', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `/homeostat/Homeostat/N${n}`);
  for (const name of names) await put(name, 'described-value');
  expect(await described([names[0] ?? '', '/homeostat/Homeostat/OTHER'])).toEqual([names[0]]);
  const first = await ssm.send(
    new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: names }] }),
  );
  expect(first.Parameters).toHaveLength(10);
  const { NextToken, ParameterFilters } = { ...first, ParameterFilters: [{ Key: 'Name', Values: names }] };
  const rest = await ssm.send(new DescribeParametersCommand({ ParameterFilters, NextToken }));
  expect(rest.Parameters).toHaveLength(2);
  expect(rest.NextToken).toBeUndefined();
  expect(JSON.stringify([first, rest])).not.toContain('described-value');
});

test('what the command line sets is seen by the next read of a running host, and the other way round', async () => {
  writeSecret(folder, 'ONE', 'from the command line');
  expect(await get(one)).toMatchObject({ Value: 'from the command line', Type: 'SecureString' });
  writeSecret(folder, 'ONE', 'again');
  expect(await get(one)).toMatchObject({ Value: 'again', Version: 2 });
  await put('/homeostat/Homeostat/TWO', 'from SSM');
  expect([...readSecrets(folder)].sort()).toEqual([
    ['ONE', 'again'],
    ['TWO', 'from SSM'],
  ]);
  expect([removeSecret(folder, 'TWO'), removeSecret(folder, 'TWO')]).toEqual([true, false]);
  expect(await described(['/homeostat/Homeostat/TWO'])).toEqual([]);
});

test('the file is its owner’s alone, nothing unfinished is left beside it, and no value is in what the host says (fault 29)', async () => {
  await put(one, 'canary-7f3a');
  writeSecret(folder, 'TWO', 'canary-7f3a');
  await put('/homeostat/Homeostat/LONG', 'canary-7f3a'.repeat(400)).catch(() => {});
  expect(statSync(join(folder, checkSecretsFile)).mode & 0o777).toBe(0o600);
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(all.map(({ name }) => name).filter((name) => /\.(new|lock)$/.test(name))).toEqual([]);
  const holding = all.filter(({ parentPath, name }) =>
    readFileSync(join(parentPath, name), 'latin1').includes('canary-7f3a'),
  );
  expect(holding.map(({ name }) => name)).toEqual([checkSecretsFile]);
  expect(JSON.stringify(lines)).not.toContain('canary-7f3a');
});

test('the command line cannot set what SSM would not take', () => {
  const refused = [
    ['a/b', 'x', 'a/b is no name for a secret'],
    ['', 'x', 'is no name for a secret'],
    ['EMPTY', '', 'a secret has 1 to 4096 bytes, this one has 0'],
    ['LONG', 'x'.repeat(4097), 'a secret has 1 to 4096 bytes, this one has 4097'],
  ] as const;
  for (const [name, value, sentence] of refused)
    expect(() => writeSecret(folder, name, value)).toThrow(sentence);
  expect(readSecrets(folder).size).toBe(0);
});

test('what two processes set at once is all there in the end', async () => {
  const program = (name: string) => `
    import { writeSecret } from './infra/local/secrets/check-secrets.ts';
    for (let n = 0; n < 20; n++) writeSecret(${JSON.stringify(folder)}, '${name}' + n, 'x');`;
  const set = (name: string) =>
    run(process.execPath, ['--input-type=module-typescript', '-e', program(name)]);
  await Promise.all([set('A'), set('B')]);
  expect(readSecrets(folder).size).toBe(40);
});

test('a function reads the parameters that its role names, and no others', async () => {
  writeSecret(folder, 'ONE', 'for the function');
  await put('/elsewhere/ONE', 'not for the function');
  const read = (Name: string) =>
    host.invoke('worker', { aws: ['AmazonSSM.GetParameter', 'ssm', { Name, WithDecryption: true }] });
  expect(await read(one)).toMatchObject({
    status: 200,
    body: { Parameter: { Value: 'for the function' } },
  });
  expect(await read('/elsewhere/ONE')).toMatchObject({
    status: 400,
    body: { __type: expect.stringContaining('AccessDeniedException') },
  });
  expect(await host.invoke('worker', { aws: ['AmazonSSM.DescribeParameters', 'ssm', {}] })).toMatchObject({
    body: { message: expect.stringContaining('"Action":"ssm:DescribeParameters","Resource":"*"') },
  });
});
