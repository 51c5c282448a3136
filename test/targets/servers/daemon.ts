import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** PostgreSQL and MariaDB refuse to run as root; a build server often is. */
const runner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}

/** A folder for a server's files, its own. */
export const serverFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `homeostat-${name}-`));
  giveToRunner(folder);
  return folder;
};

export const giveToRunner = (path: string): void => {
  if (runner.uid !== undefined && runner.gid !== undefined) chownSync(path, runner.uid, runner.gid);
};

/** Runs a program to its end as whoever the servers run as. */
export const runAsServer = (command: string, args: readonly string[], folder: string): void => {
  execFileSync(command, [...args], { cwd: folder, stdio: 'pipe', env: environmentOf(folder), ...runner });
};

const environmentOf = (folder: string) => ({
  PATH: process.env.PATH,
  HOME: folder,
  TMPDIR: folder,
  LC_ALL: 'C',
});

/** Kept out of the next answers: whom a port was given listens there only a while later. */
const given = new Set<number>();

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  if (given.has(address.port)) return freePort();
  given.add(address.port);
  return address.port;
};

export type Daemon = { stop(): Promise<void> };

/** Starts a server in the foreground and waits until it takes connections on `port`. Its folder goes when it stops. */
export const startDaemon = async (
  folder: string,
  port: number,
  command: string,
  args: readonly string[],
  as: 'nobody' | 'ourselves' = 'nobody',
): Promise<Daemon> => {
  const server = spawn(command, [...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentOf(folder),
    ...(as === 'nobody' && runner),
  });
  const said: string[] = [];
  server.on('error', (error) => said.push(error.message));
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (text: Buffer) => said.push(String(text)));
  }
  const stop = async () => {
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + 30_000;
  while (!(await answers(port))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${command} did not start:\n${said.join('')}`);
    }
    await sleep(50);
  }
  return { stop };
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** SIGKILL: what they stored goes with their folder, so nothing is worth a tidy end. */
const end = async (server: ChildProcess): Promise<void> => {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
};
