import { monitorEventLoopDelay } from 'node:perf_hooks';
import { checkKinds } from '../kinds/index.ts';
import type { CheckKind, Verdict } from '../kinds/kind.ts';
import type { PlanEntry } from '../plan.ts';
import type { Probe } from '../run.ts';
import type { Phases, Seen } from '../slot-results.ts';
import { type Network, withDeadline } from './attempt.ts';
import { CannotTell, TargetFailed } from './outcome.ts';

export type ProbeOptions = {
  readonly network: Network;
  /** Told of faults of our own, with their stack. */
  readonly onFault: (entry: PlanEntry, error: Error) => void;
  /** Probes at once. With many more, the event loop's own delay is measured as latency of the targets. */
  readonly concurrency?: number;
  /** Ms from the start after which no attempt may still run; what finds no room before it is a gap. */
  readonly budgetMs?: number;
};

/** A check may take 50 s with its retries; the rest of the runner's minute is for reading and writing. */
const usualBudgetMs = 52_000;
const usualConcurrency = 20;
/** Less than the second that the rule for timeouts reckons with. */
const retryPauseMs = 500;

/** Probes with bounded concurrency, in the order given: what comes last may find no time left. */
export const probeAll =
  (options: ProbeOptions): Probe =>
  async (entries, isUnhealthy) => {
    const endsAt = performance.now() + (options.budgetMs ?? usualBudgetMs);
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    const waiting = [...entries];
    const seen: Seen[] = [];
    const worker = async () => {
      for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
        const one = await probeOne(entry, isUnhealthy(entry.no), endsAt, options);
        if (one) seen.push(one);
      }
    };
    await Promise.all(Array.from({ length: options.concurrency ?? usualConcurrency }, worker));
    loop.disable();
    return { seen, loopDelayMs: Math.round(loop.max / 1e6) };
  };

type Look = { readonly verdict: Verdict; readonly phases: Phases };

/** Undefined when there was no time for a whole attempt: a gap tells less than a failure that is none. */
const probeOne = async (
  entry: PlanEntry,
  isUnhealthy: boolean,
  endsAt: number,
  options: ProbeOptions,
): Promise<Seen | undefined> => {
  // What is known to be down is only asked whether it is back.
  const attempts = isUnhealthy ? 1 : entry.retries + 1;
  let look: Look | undefined;
  let made = 0;
  while (made < attempts && performance.now() + entry.timeoutSeconds * 1000 <= endsAt) {
    look = await lookOnce(entry, options);
    made++;
    if (look.verdict.status !== 'unhealthy') break;
    if (made < attempts) await new Promise<void>((done) => setTimeout(done, retryPauseMs));
  }
  return look && { no: entry.no, rev: entry.revision, ...look.verdict, phases: look.phases, attempts: made };
};

const lookOnce = async (entry: PlanEntry, { network, onFault }: ProbeOptions): Promise<Look> => {
  const kind: CheckKind | undefined = Object.hasOwn(checkKinds, entry.type)
    ? checkKinds[entry.type as keyof typeof checkKinds]
    : undefined;
  if (!kind)
    return { verdict: unknown(`this runner does not know checks of the kind ${entry.type}`), phases: {} };
  const { result, phases } = await withDeadline(entry.timeoutSeconds * 1000, network, (attempt) =>
    kind.probe(entry, attempt),
  );
  if (!(result instanceof Error)) return { verdict: result, phases };
  if (result instanceof TargetFailed) {
    return { verdict: { status: 'unhealthy', reason: readable(result.message) }, phases };
  }
  if (!(result instanceof CannotTell)) onFault(entry, result);
  return { verdict: unknown(readable(result.message)), phases };
};

const unknown = (reason: string): Verdict => ({ status: 'unknown', reason });

/** A certificate or a header may carry anything: control characters stay out of logs and notifications. */
const readable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');
