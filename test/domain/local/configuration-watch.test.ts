import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { load, watch } from '../../../infra/local/start/configuration.ts';
import type { ApiClient } from '../../../shared/configuration/index.ts';
import { writtenSettings } from '../../../shared/incidents/api.ts';
import { defaultSettings } from '../../../shared/incidents/index.ts';

/** What a person at the terminal of `npm start` sees when files change. */

type Change = { readonly op: string; readonly definition?: { readonly name: string } };

/** An API that holds one check of its own, takes every change but one named «bad», and forgets all of them. */
const client: ApiClient = {
  url: 'http://api',
  async request<T>(_method: string, path: string, { body }: { body?: unknown } = {}): Promise<T> {
    if (path.endsWith('/alerting')) return { ...writtenSettings(defaultSettings), managedBy: 'builtin' } as T;
    const { changes } = body as { changes: readonly Change[] };
    const refused = { outcome: 'refused', code: 'HEALTH_CHECK_ERROR', detail: 'It is too bad.' };
    return {
      outcomes: changes.map(({ definition }) => (definition?.name === 'bad' ? refused : { outcome: 'done' })),
    } as T;
  },
  async list<T>(path: string): Promise<T[]> {
    const held = {
      deploymentId: 'default',
      name: 'theirs',
      type: 'tcp',
      target: 'other:1',
      managedBy: 'api',
    };
    return (path.endsWith('health-checks') ? [held] : []) as T[];
  },
};

const checks = (...names: string[]): string =>
  `checks:\n${names.map((name) => `  - {name: ${name}, type: tcp, target: "127.0.0.1:1"}\n`).join('')}`;

let folder: string;
let file: string;
let said: string[];
let heard: (() => void) | undefined;
let close: () => Promise<void>;

const say = (line: string): void => {
  said.push(line.replaceAll(folder, ''));
  heard?.();
};
const until = (pattern: RegExp): Promise<void> =>
  new Promise((resolve) => {
    heard = () => said.some((line) => pattern.test(line)) && resolve();
    heard();
  });
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'homeostat-watch-'));
  mkdirSync(join(folder, 'teams'));
  file = join(folder, 'homeostat.yaml');
  said = [];
  write('homeostat.yaml', 'include: [teams/*.yaml]\n');
  write('teams/a.yaml', checks('a'));
  const source = { path: file, defaultIntervalSeconds: 60 };
  const watcher = await watch(source, client, await load(source), { applied: say, refused: say });
  close = () => watcher.close();
});
afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

test('a new file that an include takes in is applied, another new file is not even mentioned', async () => {
  write('notes.txt', 'nothing to do with it');
  write('teams/b.yaml', checks('b'));
  await until(/2 created/);
  expect(said).toEqual(['/homeostat.yaml: 2 created']);
});

test('what is refused, and what stays because the API owns it, is told with its reason', async () => {
  write('teams/a.yaml', checks('good', 'bad', 'theirs'));
  await until(/theirs/);
  expect(said).toEqual([
    '/homeostat.yaml: 1 created, 1 refused, 1 conflict',
    'check default/bad was refused: It is too bad.',
    expect.stringMatching(/^check default\/theirs is managed over the API and stays as it is there/),
  ]);
});

test('a wrong edit is told with line and field, and a right one after it is applied', async () => {
  write('teams/a.yaml', 'checks: [{name: a, type: tcp, target: nowhere}]\n');
  await until(/runs on/);
  expect(said[0]).toMatch(/^\/teams\/a\.yaml:1:\d+ checks\[0\]\.target: .*\nwhat ran before runs on$/);
  write('teams/a.yaml', checks('a'));
  await until(/1 created/);
});
