import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ministack } from '../installed.ts';

const nodeOfThisProject = join(import.meta.dirname, '../../node_modules/.bin');
export const path = [nodeOfThisProject, process.env.PATH].join(delimiter);

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  return address.port;
};

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

const stop = async (emulator: ChildProcess): Promise<void> => {
  if (emulator.exitCode !== null || emulator.signalCode !== null) return;
  const ended = once(emulator, 'exit');
  // It ends the Node processes of its functions itself when it is asked to.
  emulator.kill('SIGTERM');
  if ((await Promise.race([ended, sleep(5000, 'late')])) === 'late') emulator.kill('SIGKILL');
  await ended;
};

/**
 * MiniStack on a free port of the loopback interface, everything it writes under `folder`. It runs functions as
 * processes of the Node that comes with this project; AWS_ENDPOINT_URL is kept from it, so that it gives functions
 * its own address.
 * @param settings environment variables of MiniStack
 */
export const startMinistack = async (folder: string, settings: Readonly<Record<string, string>> = {}) => {
  const executable = ministack();
  if (!executable)
    throw new Error('MiniStack is not installed: pip install ministack==1.5.33, or name it in MINISTACK');
  const port = await freePort();
  const emulator = spawn(executable, [], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: path,
      HOME: folder,
      TMPDIR: folder,
      STATE_DIR: join(folder, 'state'),
      S3_DATA_DIR: join(folder, 's3'),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: 'localhost',
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      LOG_LEVEL: 'WARNING',
      ...settings,
    },
  });
  const said: string[] = [];
  for (const stream of [emulator.stdout, emulator.stderr])
    stream.on('data', (text: Buffer) => said.push(String(text)));
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 30_000;
  while (!(await answers(`${endpoint}/health`))) {
    if (emulator.exitCode !== null || Date.now() > deadline) {
      await stop(emulator);
      throw new Error(`MiniStack did not start:\n${said.join('')}`);
    }
    await sleep(100);
  }
  return { endpoint, log: () => said.join(''), stop: () => stop(emulator) };
};
export type Ministack = Awaited<ReturnType<typeof startMinistack>>;
