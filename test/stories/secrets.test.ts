import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checksPath, makeWatchedCheck } from './checks.ts';
import { openStack, type Stack } from './stack.ts';
import { itemsOf } from './tables.ts';
import { openTarget, type Target } from './target.ts';
import { withDebugLogs } from './template.ts';

let stack: Stack | undefined;
let target: Target | undefined;
afterEach(async () => {
  await target?.close();
  await stack?.close();
});

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('neither the admin token, nor a made token, nor a check’s secret header is found in a log, a file, an event or an answer (fault 29)', async () => {
  stack = await openStack({ onDisk: true, patchTemplate: withDebugLogs });
  target = await openTarget();
  const header = 'Bearer h3ader-canary-5c1f';
  const id = await makeWatchedCheck(stack, {
    target: target.url,
    config: { headers: { authorization: header } },
  });
  const body = { name: 'ci', scopes: ['read', 'write'], deployments: '*' };
  const made = await stack.api('POST', '/api/v1/monitoring/tokens', { body });
  const token = String(made.body.token);
  expect(token).toMatch(/^hst_/);
  for (const path of [
    checksPath,
    `${checksPath}/${id}`,
    '/api/v1/monitoring/nowhere',
    `${checksPath}/${token}`,
  ]) {
    await stack.api('GET', path, { token });
  }
  await stack.api('GET', checksPath, { token: `${token}x` });
  await stack.api('POST', checksPath, { token, body: { name: 'wrong', type: 'http', target: 'nowhere' } });
  await target.become('failing');
  await stack.advance('1m');
  expect(stack.events('check.status_changed').length).toBeGreaterThan(1);

  const items = await itemsOf(stack);
  const answers = stack.answers.filter((text) => text !== made.text);
  const { folder = '', host, lines } = stack;
  const told = [...stack.events().map((event) => JSON.stringify(event)), ...lines.map(({ text }) => text)];
  await host.stop();
  // The file that stands for Secrets Manager holds the admin token, as Secrets Manager does.
  const files = filesIn(folder).filter((path) => !path.endsWith('secrets.json'));
  const logs = files.filter((path) => path.startsWith(join(folder, 'logs')));
  const names = logs.map((path) => basename(path));
  expect(names).toEqual(expect.arrayContaining(['access.log', 'dispatcher.log']));
  expect(items.length).toBeGreaterThan(5);
  const secretsOf = (text: string, secrets: readonly string[]) => secrets.filter((one) => text.includes(one));
  const tokens = [host.token, token.slice(token.lastIndexOf('_') + 1)];
  const everySecret = [...tokens, 'h3ader-canary-5c1f'];
  for (const text of [...told, ...answers]) expect(secretsOf(text, everySecret), text).toEqual([]);
  for (const text of items) expect(secretsOf(text, tokens), text).toEqual([]);
  for (const path of files) {
    const text = readFileSync(path, 'latin1');
    expect(secretsOf(text, logs.includes(path) ? everySecret : tokens), path).toEqual([]);
  }
});
