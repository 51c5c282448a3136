import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../failure.ts';
import { say, sayAside } from '../output.ts';
import { permissionsReport } from '../permissions.ts';

// What needs the sources of Homeostat beside it, not only the program. Paths are put together when run, so that
// the bundled program does not carry the stack and the local host.

const inCheckout = (path: string): URL => {
  const url = new URL(`../../${path}`, import.meta.url);
  if (existsSync(url)) return url;
  throw new CommandError(
    'This needs the sources of Homeostat: run it in a clone of the repository, after «npm ci».',
  );
};

/** The same as `npm start`, with the same options behind `--`. */
export const start = async (args: readonly string[]): Promise<void> => {
  const child = spawn(process.execPath, [fileURLToPath(inCheckout('infra/local/start.ts')), ...args], {
    stdio: 'inherit',
  });
  // Ctrl-C reaches the child from the terminal as well; what is sent to this process alone is handed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
};

type Synth = typeof import('../../infra/synth.ts');
type Config = typeof import('../../infra/config.ts');

/** What each role of the stack may do and why, from the template that a deployment would use. */
export const permissions = async ({ assembly }: { readonly assembly?: string }): Promise<void> => {
  if (assembly !== undefined) return say(permissionsReport(assembly));
  const { synthesize } = (await import(inCheckout('infra/synth.ts').href)) as Synth;
  const { configFromContext, projectContext } = (await import(inCheckout('infra/config.ts').href)) as Config;
  const outdir = mkdtempSync(join(tmpdir(), 'homeostat-permissions-'));
  try {
    sayAside('Synthesizing the stack …');
    const config = configFromContext(projectContext(inCheckout('cdk.json')));
    await synthesize({ outdir, config });
    return say(permissionsReport(outdir));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};
