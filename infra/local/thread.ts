import { Worker, type WorkerOptions, workerData } from 'node:worker_threads';
import { compiledCode } from './compiled.ts';

type ThreadData<T> = { readonly entry: string; readonly compiledCode: string; readonly given: T };

/** Runs the module `entry` in a thread of its own, where `givenToThread()` gives what it was `given`. */
export const startThread = <T>(
  entry: URL,
  given: T,
  options: Omit<WorkerOptions, 'workerData'> = {},
): Worker =>
  new Worker(new URL('./thread.js', import.meta.url), {
    // Nothing of how this process was started belongs into a thread.
    execArgv: [],
    ...options,
    workerData: { entry: entry.href, compiledCode, given } satisfies ThreadData<T>,
  });

export const givenToThread = <T>(): T => (workerData as ThreadData<T>).given;
