import type { Clock } from '../../clock.ts';
import { isSurelyRefused, sayOf } from './outcome.ts';

/** One call to AWS, Docker, a process or a team's webhook, as it was made. */
export type CallMade = {
  readonly service: string;
  readonly operation: string;
  /** Epoch ms. */
  readonly at: number;
  readonly durationMs: number;
  readonly outcome: 'ok' | 'refused' | 'unknown';
  /** The request id, or the error's name and message, without secrets. */
  readonly detail: string;
};

/** The service said no before anything changed: wrong state, missing permission, not there. */
export class ActionRefused extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'ActionRefused';
  }
}

/** It could not be read how the world is: nothing was changed, and nobody knows whether what was asked about is there. */
export class ReadFailed extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'ReadFailed';
  }
}

export type CallNamed = {
  readonly service: string;
  readonly operation: string;
  /** `change` is anything that is not repeated without harm. */
  readonly kind: 'read' | 'change';
};

/** Refused for sure: it was not sent. */
class NeverBegun extends Error {
  override name = 'NeverBegun';
}

/** Makes the calls of one action, one after another, and takes note of each. */
export type Calls = {
  readonly signal: AbortSignal;
  /**
   * Throws `ActionRefused` when a change was refused for sure and nothing at all was changed so far by the calls made
   * here, or when that could not even be found out by reading. After a change, or when nobody knows, throws an `Error`
   * that is none. While nothing is to be applied, what cannot be read is `ReadFailed`.
   * `detailOf` says what to keep of an answer, its request id.
   */
  make<T>(call: CallNamed, run: () => Promise<T>, detailOf: (answer: T) => string): Promise<T>;
};

/** `onCall` is told of each call in order, before its answer goes on. */
export const openCalls = (world: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onCall: (call: CallMade) => void;
  readonly isApplying: boolean;
}): Calls => {
  const { clock, signal, onCall, isApplying } = world;
  /** What was changed already: later refusals no longer mean that nothing happened. */
  const changed: string[] = [];
  const failed = ({ service, operation, kind }: CallNamed, error: unknown): Error => {
    const isSure = kind === 'read' || isSurelyRefused(error);
    const said = `${service} ${operation}: ${sayOf(error)}`;
    if (kind === 'read' && !isApplying) return new ReadFailed(said, { cause: error });
    if (!isSure) return new Error(`${said}; whether it was done is not known`, { cause: error });
    if (changed.length === 0) return new ActionRefused(said, { cause: error });
    return new Error(`${said}, after ${changed.join(', ')} had been done`, { cause: error });
  };
  return {
    signal,
    make: async (call, run, detailOf) => {
      const { service, operation, kind } = call;
      const name = `${service} ${operation}`;
      if (signal.aborted) throw failed(call, new NeverBegun('no time was left to begin it'));
      const at = clock();
      const note = (outcome: CallMade['outcome'], detail: string) =>
        onCall({ service, operation, at, durationMs: Math.max(0, clock() - at), outcome, detail });
      let answer: Awaited<ReturnType<typeof run>>;
      try {
        answer = await run();
      } catch (error) {
        const isSure = kind === 'read' || isSurelyRefused(error);
        note(isSure ? 'refused' : 'unknown', sayOf(error));
        const failure = failed(call, error);
        if (!isSure) changed.push(`what may be ${name}`);
        throw failure;
      }
      if (kind === 'change') changed.push(name);
      note('ok', detailOf(answer));
      return answer;
    },
  };
};
