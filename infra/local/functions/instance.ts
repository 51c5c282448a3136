import { createInterface } from 'node:readline';
import { startThread } from '../thread.ts';
import type { InstanceData, Invocation, InvocationAnswer } from './protocol.ts';

/** One function instance in a thread of its own. After `broken()` it must be thrown away. */
export type Instance = {
  invoke(invocation: Invocation): Promise<InvocationAnswer>;
  readonly broken: () => boolean;
  /** How many invocations it was given so far. */
  readonly invocations: () => number;
  stop(): Promise<void>;
};

export type InstanceOptions = {
  readonly data: InstanceData;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly onLine: (line: string) => void;
  readonly onEnd: () => void;
};

/**
 * Room for what lives only as long as one invocation. V8 would take up to 48 MB for it in every instance before it
 * collects; our functions need a few.
 */
const maxYoungGenerationSizeMb = 12;

const failure = (errorType: string, errorMessage: string): InvocationAnswer => ({
  error: { errorType, errorMessage, trace: [] },
});

export const startInstance = (options: InstanceOptions): Instance => {
  const { data, environment, memoryMb, onLine } = options;
  const worker = startThread(new URL('./worker.ts', import.meta.url), data, {
    env: environment,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb },
  });
  let broken = false;
  let invocations = 0;
  let settle: ((answer: InvocationAnswer) => void) | undefined;
  const answer = (value: InvocationAnswer): void => {
    const waiting = settle;
    settle = undefined;
    waiting?.(value);
  };

  createInterface({ input: worker.stdout }).on('line', onLine);
  createInterface({ input: worker.stderr }).on('line', onLine);
  worker.on('message', answer);
  worker.on('error', (error: Error & { code?: string }) => {
    broken = true;
    answer(
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? failure('Runtime.OutOfMemory', `the function needs more than its ${memoryMb} MB`)
        : {
            error: {
              errorType: error.name,
              errorMessage: error.message,
              trace: (error.stack ?? '').split('\n'),
            },
          },
    );
  });
  worker.on('exit', (code) => {
    broken = true;
    answer(failure('Runtime.ExitError', `the function ended with exit code ${code} before it answered`));
    options.onEnd();
  });

  return {
    broken: () => broken,
    invocations: () => invocations,
    invoke(invocation) {
      invocations++;
      return new Promise((resolve) => {
        // Lambda's deadline: the thread ends, whatever it is doing, even in an endless loop.
        const deadline = setTimeout(() => {
          broken = true;
          const seconds = (invocation.timeoutMs / 1000).toFixed(2);
          answer(failure('Sandbox.Timedout', `Task timed out after ${seconds} seconds`));
          void worker.terminate();
        }, invocation.timeoutMs);
        settle = (value) => {
          clearTimeout(deadline);
          resolve(value);
        };
        worker.postMessage(invocation);
      });
    },
    async stop() {
      broken = true;
      await worker.terminate();
    },
  };
};
