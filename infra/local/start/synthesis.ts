import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SynthesisOptions } from '../../synth.ts';

/** What the process that synthesizes answers, once. */
export type SynthesisAnswer = { readonly synthesized: boolean; readonly failure?: string };

const isAnswer = (message: unknown): message is SynthesisAnswer =>
  typeof message === 'object' && message !== null && 'synthesized' in message;

/** Synthesizes in a process of its own. Throws the sentence that says why it could not be done. */
export const synthesizeApart = (options: SynthesisOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    // Under `node --watch` a child would tell its parent, in place of Node's watcher, of each module it loads.
    const { WATCH_REPORT_DEPENDENCIES: _, ...env } = process.env;
    const child = fork(fileURLToPath(new URL('./synthesizing.ts', import.meta.url)), { execArgv: [], env });
    child.once('error', reject);
    child.on('message', (message) => {
      if (!isAnswer(message)) return;
      if (message.synthesized) resolve();
      else reject(new Error(message.failure));
    });
    child.once('exit', (code, signal) =>
      reject(new Error(`the stack could not be synthesized: its process ended with ${signal ?? code}`)),
    );
    child.send(options);
  });
