import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type Host, type HostLine, startHost } from '../../../infra/local/host.ts';
import { lockFolder } from '../../../infra/local/lock.ts';
import { writeSmallStack } from './small-stack.ts';

const stack = writeSmallStack();
afterAll(() => stack.remove());
let host: Host | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});
const start = async (dataDir: string): Promise<Host> => {
  host = await startHost({ assemblyDir: stack.assemblyDir, dataDir, clock: 'driven', catchUp: false });
  return host;
};
const keysIn = async (at: Host): Promise<readonly string[]> => {
  const answer = await fetch(at.aws.endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': 'DynamoDB_20120810.Scan',
      'content-type': 'application/x-amz-json-1.0',
      authorization: `AWS4-HMAC-SHA256 Credential=${at.aws.credentials.accessKeyId}/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: JSON.stringify({ TableName: 'Small-Items', ProjectionExpression: 'sk' }),
  });
  return ((await answer.json()) as { Items: { sk: { S: string } }[] }).Items.map(({ sk }) => sk.S);
};

test('a restart keeps items, messages and secrets', async () => {
  const dataDir = `${stack.dataDir}-restart`;
  const before = await start(dataDir);
  const { token } = before;
  await before.invoke('worker', { note: 'kept' });
  const entry = { Source: 'small', DetailType: 'thing.kept', Detail: '{"kept":true}', EventBusName: 'bus' };
  await before.invoke('worker', { aws: ['AWSEvents.PutEvents', 'events', { Entries: [entry] }] });
  await before.stop();
  const after = await start(dataDir);
  expect(await keysIn(after)).toEqual(['kept']);
  expect((await after.messagesIn('heard')).map((text) => JSON.parse(text).detail)).toEqual([{ kept: true }]);
  expect(after.token).toBe(token);
});

test('a host that is killed in the middle leaves a folder that the next one takes up', async () => {
  const dataDir = `${stack.dataDir}-killed`;
  const before = await start(dataDir);
  await before.invoke('worker', { note: 'kept' });
  await before.kill();
  expect(await keysIn(await start(dataDir))).toEqual(['kept']);
});

test('kill -9 loses no item that was acknowledged and no event that a bus took', async () => {
  const dataDir = `${stack.dataDir}-writing`;
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('writing-host.ts', import.meta.url)),
    stack.assemblyDir,
    dataDir,
  ]);
  const ended = once(child, 'exit');
  const acknowledged: Record<string, string[]> = { item: [], event: [], token: [] };
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind = '', value = ''] = line.split(' ');
    acknowledged[kind]?.push(value);
    if (Math.min(acknowledged.item?.length ?? 0, acknowledged.event?.length ?? 0) >= 100)
      child.kill('SIGKILL');
  }
  await ended;
  const after = await start(dataDir);
  const events = (await after.messagesIn('heard')).map((text) => String(JSON.parse(text).detail.n));
  expect(await keysIn(after)).toEqual(expect.arrayContaining(acknowledged.item ?? []));
  expect(events).toEqual(expect.arrayContaining(acknowledged.event ?? []));
  expect(acknowledged.token).toEqual([after.token]);
});

test('what is secret can be read by the owner only', async () => {
  const dataDir = `${stack.dataDir}-secret`;
  const { token } = await start(dataDir);
  const file = join(dataDir, 'secrets.json');
  expect(readFileSync(file, 'utf8')).toContain(token);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test('a table that has other keys than the template is not touched, and the start ends with what to do', async () => {
  const dataDir = `${stack.dataDir}-shape`;
  await (await start(dataDir)).stop();
  const changed = writeSmallStack((template) => {
    const table = template.Resources.Items?.Properties ?? {};
    table.KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
    table.AttributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' }];
  });
  const other = startHost({ assemblyDir: changed.assemblyDir, dataDir, clock: 'driven' });
  await expect(other).rejects.toThrow(/Small-Items .* other keys or indexes .* HOMEOSTAT_DATA/);
  changed.remove();
  host = undefined;
});

test('a second host on the same folder ends with one line that names the first', async () => {
  const dataDir = `${stack.dataDir}-locked`;
  await start(dataDir);
  const second = startHost({ assemblyDir: stack.assemblyDir, dataDir, clock: 'driven' });
  await expect(second).rejects.toThrow(`another Homeostat (process ${process.pid}) works in ${dataDir}`);
});

test('a lock ends with its process, however that ended, and with whoever gives it back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-lock-'));
  const lock = fileURLToPath(new URL('../../../infra/local/lock.ts', import.meta.url));
  const holding = `import { lockFolder } from ${JSON.stringify(lock)}; lockFolder(process.argv[1]); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', holding, folder]);
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  expect(() => lockFolder(folder)).toThrow(`another Homeostat (process ${child.pid}) works in ${folder}`);
  child.kill('SIGKILL');
  await ended;
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(`another Homeostat (process ${process.pid}) works in ${folder}`);
  release();
  lockFolder(folder)();
  rmSync(folder, { recursive: true });
});

test('an invocation that a stop cut off is no failure: it is taken up at the next start', async () => {
  const dataDir = `${stack.dataDir}-cut`;
  const lines: HostLine[] = [];
  const options = { assemblyDir: stack.assemblyDir, dataDir, clock: 'driven' as const, catchUp: false };
  host = await startHost({ ...options, log: (line) => lines.push(line) });
  const stoppedAt = host.now();
  // Lambda takes an event at once and runs it later.
  const accepted = await fetch(`${host.aws.endpoint}/2015-03-31/functions/Small-Worker/invocations`, {
    method: 'POST',
    headers: {
      'x-amz-invocation-type': 'Event',
      authorization: `AWS4-HMAC-SHA256 Credential=${host.aws.credentials.accessKeyId}/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: JSON.stringify({ sleepMs: 1500, note: 'taken up' }),
  });
  expect(accepted.status).toBe(202);
  await host.kill();
  expect(lines).toEqual([]);
  host = await startHost({ ...options, startsAt: stoppedAt });
  expect(await keysIn(host)).toEqual([]);
  await host.advance('1m');
  expect(await keysIn(host)).toEqual(expect.arrayContaining(['taken up']));
});
