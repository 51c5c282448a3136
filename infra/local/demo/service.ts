import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processInFile } from '../../../shared/platform/running-process.ts';

/**
 * A small real service: a process of its own that answers HTTP at one port as long as it lives, and the command that
 * restarts it. `node service.ts restart <folder>` ends what runs there, starts it anew at the same port and ends once it
 * answers; `node service.ts serve <folder>` is the service.
 */

const self = fileURLToPath(import.meta.url);
const files = (folder: string) => ({
  pid: join(folder, 'service.pid'),
  port: join(folder, 'service.port'),
});
const mostWaitedMs = 15_000;

export type Service = {
  readonly url: string;
  readonly pidFile: string;
  /** Its restart command, for `process-restart`. */
  readonly restart: readonly string[];
  /** Undefined while it does not run. */
  pid(): Promise<number | undefined>;
  /** As a crash would: without a word. */
  kill(): Promise<void>;
};

/** Starts the service in a folder that is made where there is none. */
export const startService = async (folder: string): Promise<Service> => {
  mkdirSync(folder, { recursive: true });
  await restarted(folder);
  const { pid: pidFile, port } = files(folder);
  const pid = async () => (await processInFile(pidFile))?.pid;
  return {
    url: `http://127.0.0.1:${readFileSync(port, 'utf8')}/`,
    pidFile,
    restart: [process.execPath, self, 'restart', folder],
    pid,
    async kill() {
      const running = await pid();
      if (running !== undefined) await ended(running, pidFile);
    },
  };
};

const ended = async (pid: number, pidFile: string): Promise<void> => {
  process.kill(pid, 'SIGKILL');
  await until(async () => (await processInFile(pidFile))?.pid !== pid, `the process ${pid} did not end`);
};

const until = async (isSo: () => Promise<boolean>, otherwise: string): Promise<void> => {
  const endsAt = Date.now() + mostWaitedMs;
  while (!(await isSo())) {
    if (Date.now() > endsAt) throw new Error(`${otherwise} within ${mostWaitedMs / 1000} s`);
    await sleep(20);
  }
};

const restarted = async (folder: string): Promise<void> => {
  const { pid: pidFile } = files(folder);
  const old = await processInFile(pidFile);
  if (old) await ended(old.pid, pidFile);
  rmSync(pidFile, { force: true });
  const child = spawn(process.execPath, [self, 'serve', folder], { detached: true, stdio: 'ignore' });
  child.unref();
  await until(
    async () => (await processInFile(pidFile)) !== undefined,
    'the service did not begin to listen',
  );
};

const serve = async (folder: string): Promise<void> => {
  const { pid, port } = files(folder);
  const server = createServer((_request, response) => {
    response.writeHead(200, { connection: 'close', 'content-type': 'text/plain' });
    response.end(`the process ${process.pid} is well\n`);
  });
  const wanted = existsSync(port) ? Number(readFileSync(port, 'utf8')) : 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', () => resolve());
  });
  writeFileSync(port, String((server.address() as AddressInfo).port));
  // Last: whoever waits for this file may ask right away.
  writeFileSync(pid, String(process.pid));
};

const commanded = async ([what, folder]: readonly string[]): Promise<void> => {
  if (folder === undefined || (what !== 'restart' && what !== 'serve'))
    throw new Error('say: service.ts restart <folder>');
  await (what === 'restart' ? restarted(folder) : serve(folder));
};

if (process.argv[1] === self) {
  await commanded(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
