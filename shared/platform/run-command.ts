import { processEnvironment } from './environment.ts';

export type CommandEnd = {
  /** Undefined: it was ended by a signal, or by us. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly isLate: boolean;
  /** What it wrote last, at most a few kilobytes. */
  readonly output: string;
};

/** Of what a command writes. */
const mostOutput = 4096;
/** Between the polite signal and the other one. */
const graceMs = 2_000;
/** After its end, for what is still in its pipes. */
const drainMs = 100;

/** Where programs are looked for when our own environment does not say; workers have none of the machine's. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Nothing else of our environment: it holds our credentials. */
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TZ', 'TMPDIR', 'SystemRoot'] as const;

/**
 * Runs a program of this machine without a shell until it ends by itself, or is ended at the deadline or by `signal`.
 * What it leaves running must not write to the command's own output, which is closed afterwards. Rejects only when the
 * program could not be started at all.
 */
export const runCommand = async (
  argv: readonly string[],
  options: { readonly cwd?: string | undefined; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<CommandEnd> => {
  const { spawn } = await import('node:child_process');
  const [program = '', ...args] = argv;
  const ours = processEnvironment();
  const env = Object.fromEntries(passedOn.flatMap((name) => (ours[name] ? [[name, ours[name]]] : [])));
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: { PATH: usualPath, ...env },
      shell: false,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let isLate = false;
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-mostOutput);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    let killer: NodeJS.Timeout | undefined;
    const end = (): void => {
      if (killer) return;
      isLate = true;
      child.kill('SIGTERM');
      killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    };
    const timer = setTimeout(end, options.timeoutMs);
    options.signal.addEventListener('abort', end, { once: true });
    const clear = (): void => {
      clearTimeout(timer);
      clearTimeout(killer);
      options.signal.removeEventListener('abort', end);
    };
    child.on('error', (error) => {
      clear();
      reject(error);
    });
    // Not `close`: a service that it started may hold its pipes for ever.
    child.on('exit', (code, signal) => {
      clear();
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ code: code ?? undefined, signal: signal ?? undefined, isLate, output: output.trim() });
      }, drainMs);
    });
  });
};
