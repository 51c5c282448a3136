import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';
import { openTarget, type Target } from './target.ts';

const program = fileURLToPath(new URL('../../infra/local/start.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'homeostat-start-'));
const running = new Set<ChildProcess>();
const targets: Target[] = [];
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  for (const target of targets.splice(0)) await target.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Program = {
  /** Resolves with the first line, from now or before, that matches. */
  line(pattern: RegExp): Promise<string>;
  readonly lines: readonly string[];
  interrupt(): void;
  readonly ended: Promise<number | null>;
};

const run = (environment: Record<string, string>, args: readonly string[] = []): Program => {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', ...environment },
  });
  running.add(child);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const take = (line: string): void => {
    lines.push(line);
    for (const look of waiting) look();
  };
  createInterface({ input: child.stdout }).on('line', take);
  createInterface({ input: child.stderr }).on('line', take);
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    running.delete(child);
    return code ?? null;
  });
  return {
    lines,
    ended,
    interrupt: () => child.kill('SIGINT'),
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended before ${pattern}:\n${lines.join('\n')}`)));
      }),
  };
};

test('npm start shows what it watches, follows the file as it is edited, tells where the environment says, and ends clean', async () => {
  const target = await openTarget();
  targets.push(target);
  const file = join(folder, 'watched.yaml');
  const check = (name: string, interval = '10s') =>
    `checks:\n  - name: ${name}\n    type: tcp\n    target: ${target.address}\n    interval: ${interval}\n`;
  writeFileSync(file, check('first'));
  const started = run({
    HOMEOSTAT_CONFIG: file,
    HOMEOSTAT_DATA: join(folder, 'data'),
    ALERT_WEBHOOK_URL: `${target.url}canary-path`,
  });

  const [, url = ''] =
    /^ {2}console {2}(http:\/\/127\.0\.0\.1:\d+)\/$/.exec(await started.line(/^ +console/)) ?? [];
  const [, token = ''] = /^ {2}token {4}([A-Za-z0-9]{48})$/.exec(await started.line(/^ +token/)) ?? [];
  await started.line(/^ +sign in with it$/);
  await started.line(/default\/first {2}unknown → healthy/);

  writeFileSync(file, check('first', 'often'));
  const refusal = await started.line(/watched\.yaml:5:\d+ checks\[0\]\.interval/);
  expect(refusal).toContain('checks[0].interval');
  await started.line(/what ran before runs on/);

  writeFileSync(file, check('second'));
  await started.line(/watched\.yaml: 1 created, 1 removed/);
  const read = async (path: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${url}/api/v1/monitoring/${path}`, { headers })).text();
  };
  const { items } = JSON.parse(await read('health-checks')) as { items: { name: string }[] };
  expect(items.map(({ name }) => name)).toEqual(['second']);
  const channels = await read('channels');
  expect(channels).toContain('"url":"$'.concat('{secret:ALERT_WEBHOOK_URL}"'));
  expect(channels).not.toContain('canary-path');
  expect(await read('alerting')).toContain('"defaultChannels":["webhook"]');

  started.interrupt();
  expect(await started.ended).toBe(0);
  expect(started.lines.filter((line) => line.includes(token))).toEqual([`  token    ${token}`]);
});

test('--help lists every variable with its default', async () => {
  const help = run({}, ['--help']);
  expect(await help.ended).toBe(0);
  const text = help.lines.join('\n');
  for (const name of ['PORT', 'HOST', 'HOMEOSTAT_CONFIG', 'HOMEOSTAT_DATA', 'HOMEOSTAT_TOKEN', 'LOG_LEVEL']) {
    expect(text).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  }
  expect(text).toMatch(/HEALTH_CHECK_INTERVAL .*\(60000\)/);
});

/** The lines of a start that cannot be, without the steps before. */
const refused = async (environment: Record<string, string>): Promise<readonly string[]> => {
  const started = run({ HOMEOSTAT_DATA: join(folder, 'other'), ...environment });
  expect(await started.ended).toBe(1);
  return started.lines.filter((line) => !/^Homeostat on this machine|✓/.test(line));
};

test('a taken port ends the start with one line', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  expect(await refused({ PORT: String(port) })).toEqual([
    `port ${port} of 127.0.0.1 is taken: stop what listens there, or give another with PORT`,
  ]);
  taken.close();
});

test('a configuration that cannot be read ends the start with one line', async () => {
  expect(await refused({ HOMEOSTAT_CONFIG: './absent.yaml' })).toEqual([
    './absent.yaml cannot be read: there is no such file (HOMEOSTAT_CONFIG)',
  ]);
  writeFileSync(join(folder, 'wrong.yaml'), 'checks:\n  - name: x\n    type: tcp\n    target: nowhere\n');
  const lines = await refused({ HOMEOSTAT_CONFIG: 'wrong.yaml' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/wrong\.yaml:4:13 checks\[0\]\.target: /);
});

test('a variable that cannot be used ends the start with one line', async () => {
  expect(await refused({ PORT: 'http' })).toEqual(['PORT must be a port, 0 to 65535']);
});
