import { randomBytes, randomUUID } from 'node:crypto';
import type { Instance } from './instance.ts';
import { hostStopped, type InvocationAnswer } from './protocol.ts';

/** A Lambda function of the template, as the host runs it. */
export type HostedFunction = {
  /** The physical name. */
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly codeDir: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly logGroup: string;
  /** What the template says, references resolved. */
  readonly environment: Readonly<Record<string, string>>;
};

export type FunctionPool = {
  readonly definition: HostedFunction;
  /** Waits for a free instance when all are busy. Never rejects: an error of the function is an answer. */
  invoke(event: unknown): Promise<InvocationAnswer>;
  /** Starts one instance ahead, so that the first invocation finds it loaded. */
  warm(): void;
  stop(): Promise<void>;
};

/** An instance that was not needed for this long ends, as in Lambda, and gives its memory back. */
const idleMs = 60_000;
/** The last one stays longer: whoever looks at the page now and then should not wait for a start each time. */
const lastIdleMs = 600_000;

/** Runs up to `concurrency` invocations of one function at once, each in an instance of its own, as Lambda does. */
export const createPool = (
  definition: HostedFunction,
  concurrency: number,
  start: () => Instance,
): FunctionPool => {
  const idle: { readonly instance: Instance; readonly since: number }[] = [];
  const all = new Set<Instance>();
  const waiting: ((instance: Instance) => void)[] = [];
  let busy = 0;
  let stopped = false;

  const create = (): Instance => {
    const instance = start();
    all.add(instance);
    return instance;
  };
  const drop = (instance: Instance): void => {
    all.delete(instance);
    void instance.stop();
  };
  const takeIdle = (): Instance | undefined => {
    for (let last = idle.pop(); last; last = idle.pop()) {
      if (!last.instance.broken()) return last.instance;
      all.delete(last.instance);
    }
    return undefined;
  };
  const acquire = (): Promise<Instance> => {
    if (busy >= concurrency) return new Promise((resolve) => waiting.push(resolve));
    busy++;
    return Promise.resolve(takeIdle() ?? create());
  };
  const release = (instance: Instance): void => {
    const kept = instance.broken() ? undefined : instance;
    if (!kept) all.delete(instance);
    const next = waiting.shift();
    if (next) {
      next(kept ?? (stopped ? instance : create()));
      return;
    }
    busy--;
    if (kept) idle.push({ instance: kept, since: performance.now() });
  };
  const reap = (): void => {
    // The longest idle stand first.
    for (let oldest = idle[0]; oldest; oldest = idle[0]) {
      if (performance.now() - oldest.since <= (all.size > 1 ? idleMs : lastIdleMs)) return;
      idle.shift();
      drop(oldest.instance);
    }
  };
  const reaper = setInterval(reap, idleMs);
  reaper.unref();

  return {
    definition,
    async invoke(event) {
      if (stopped) return { error: hostStopped };
      const instance = await acquire();
      try {
        if (stopped) return { error: hostStopped };
        const answer = await instance.invoke({
          event,
          requestId: randomUUID(),
          functionName: definition.name,
          functionArn: definition.arn,
          memoryMb: definition.memoryMb,
          logGroup: definition.logGroup,
          timeoutMs: definition.timeoutSeconds * 1000,
          traceId: `Root=1-${Math.floor(performance.timeOrigin / 1000).toString(16)}-${randomBytes(12).toString('hex')};Sampled=0`,
        });
        return stopped && 'error' in answer ? { error: hostStopped } : answer;
      } finally {
        release(instance);
      }
    },
    warm() {
      if (all.size === 0 && !stopped) idle.push({ instance: create(), since: performance.now() });
    },
    async stop() {
      stopped = true;
      clearInterval(reaper);
      await Promise.all([...all].map((instance) => instance.stop()));
    },
  };
};
