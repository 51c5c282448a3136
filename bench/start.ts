/** How long the local host takes to answer: `node bench/start.ts --help`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { median, printTable } from './table.ts';

const help = `node bench/start.ts [--rounds 5]

Starts the local host as after \`npm ci\` (cold: nothing is compiled, it bundles, synthesizes, makes its tables and
applies homeostat.yaml), stops it and starts it again in the same data folder (unchanged), as often as --rounds says.
Prints the time from starting the process until the API says it is ready, and until the console's URL is on the terminal.
Exits with 1 when a median of the latter is over its budget.`;

const budgetSeconds = { cold: 8, unchanged: 3 };
type Kind = keyof typeof budgetSeconds;

const root = join(import.meta.dirname, '..');

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  return address.port;
};

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/api/v1/monitoring/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

type Start = { readonly readySeconds: number; readonly urlSeconds: number };

/** Waits until both have happened; then the host is asked to end. */
const startOnce = async (folder: string): Promise<Start> => {
  const port = await freePort();
  const began = performance.now();
  const passed = (): number => (performance.now() - began) / 1000;
  const host = spawn(process.execPath, ['infra/local/start.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PORT: String(port), HOMEOSTAT_DATA: folder, HOMEOSTAT_TOKEN: 'a'.repeat(40) },
  });
  let said = '';
  let urlSeconds: number | undefined;
  let readySeconds: number | undefined;
  for (const stream of [host.stdout, host.stderr]) {
    stream.on('data', (text: Buffer) => {
      said += text;
      if (said.includes(`:${port}/\n`)) urlSeconds ??= passed();
    });
  }
  const ended = once(host, 'exit');
  while (readySeconds === undefined || urlSeconds === undefined) {
    if (host.exitCode !== null || passed() > 120) {
      host.kill('SIGKILL');
      throw new Error(`the local host did not become ready:\n${said}`);
    }
    if (readySeconds === undefined && (await isReady(port))) readySeconds = passed();
    await sleep(20);
  }
  host.kill('SIGINT');
  await ended;
  return { readySeconds, urlSeconds };
};

const measure = async (rounds: number): Promise<Record<Kind, Start[]>> => {
  const starts: Record<Kind, Start[]> = { cold: [], unchanged: [] };
  for (let round = 0; round < rounds; round += 1) {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'));
    rmSync(join(root, 'node_modules/.cache/homeostat'), { recursive: true, force: true });
    try {
      for (const kind of ['cold', 'unchanged'] as const) starts[kind].push(await startOnce(folder));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return starts;
};

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, rounds: { type: 'string', default: '5' } },
});
if (values.help) console.log(help);
else {
  const starts = await measure(Number(values.rounds));
  const kinds = Object.keys(starts) as Kind[];
  const urls = (kind: Kind): number[] => starts[kind].map(({ urlSeconds }) => urlSeconds);
  printTable(
    kinds.map((kind) => ({
      start: kind,
      'ready s': median(starts[kind].map(({ readySeconds }) => readySeconds)).toFixed(2),
      'URL s': median(urls(kind)).toFixed(2),
      'slowest s': Math.max(...urls(kind)).toFixed(2),
      'budget s': budgetSeconds[kind],
    })),
  );
  const over = kinds.filter((kind) => median(urls(kind)) > budgetSeconds[kind]);
  for (const kind of over) console.error(`over budget: the ${kind} start`);
  process.exitCode = over.length > 0 ? 1 : 0;
}
