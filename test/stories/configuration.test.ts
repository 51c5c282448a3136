import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apply, load, summary, type Watcher, watch } from '../../infra/local/start/configuration.ts';
import { createClient } from '../../shared/configuration/index.ts';
import { type CheckView, checksPath, makeCheck } from './checks.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

let stack: Stack;
let target: Target;
let watcher: Watcher | undefined;
const folder = mkdtempSync(join(tmpdir(), 'homeostat-file-'));
beforeAll(async () => {
  [stack, target] = [await openStack(), await openTarget()];
});
afterAll(async () => {
  await watcher?.close();
  await stack?.close();
  await target?.close();
  rmSync(folder, { recursive: true, force: true });
});

const checks = async () =>
  Object.fromEntries(
    (
      (await stack.api('GET', checksPath)).body.items as (CheckView & {
        interval: number;
        managedBy: string;
      })[]
    ).map(({ name, interval, status, managedBy }) => [name, [managedBy, interval, status]]),
  );

test('a file is followed as it is edited: wrong edits are refused with line and field while the old one runs on, and the API’s own checks stay untouched', async () => {
  const file = join(folder, 'homeostat.yaml');
  const write = (...entries: readonly (readonly [name: string, interval: string])[]): void =>
    writeFileSync(
      file,
      `checks:\n${entries
        .map(
          ([name, interval]) =>
            `  - name: ${name}\n    type: http\n    target: ${target.url}\n    interval: ${interval}\n`,
        )
        .join('')}`,
    );
  let heard = Promise.withResolvers<string>();
  const tell = (text: string): void => heard.resolve(text);
  const source = { path: file, defaultIntervalSeconds: 60 };
  const client = createClient({ url: stack.host.url, token: stack.host.token });
  const edited = async (edit: () => void): Promise<string> => {
    heard = Promise.withResolvers();
    edit();
    return heard.promise;
  };

  await makeCheck(stack, { name: 'own', target: target.address, interval: '15s' });
  write(['first', '10s'], ['second', '20s']);
  const loaded = await load(source);
  if (!loaded) throw new Error('the file is there');
  expect(summary(await apply(client, loaded.configuration))).toBe('2 created');
  expect(summary(await apply(client, loaded.configuration))).toBe('nothing to change');
  watcher = await watch(source, client, loaded, { applied: tell, refused: tell });
  await stack.advance('1m');
  expect(await checks()).toEqual({
    first: ['file', 10, 'healthy'],
    second: ['file', 20, 'healthy'],
    own: ['api', 15, 'healthy'],
  });

  expect(await edited(() => write(['first', '30s'], ['second', '20s']))).toMatch(/1 updated$/);
  await stack.advance('1m');
  expect(await checks()).toMatchObject({ first: ['file', 30, 'healthy'] });

  const refusal = await edited(() => write(['first', '30s'], ['second', 'often']));
  expect(refusal).toMatch(/homeostat\.yaml:9:15 checks\[1\]\.interval/);
  expect(refusal).toMatch(/what ran before runs on$/);
  const requests = target.requests();
  await stack.advance('1m');
  expect(target.requests()).toBeGreaterThanOrEqual(requests + 5);
  expect(await checks()).toMatchObject({ first: ['file', 30, 'healthy'], second: ['file', 20, 'healthy'] });

  expect(await edited(() => write(['first', '30s']))).toMatch(/1 removed$/);
  expect(await checks()).toEqual({ first: ['file', 30, 'healthy'], own: ['api', 15, 'healthy'] });
});
