import { type Placeholder, placeholdersIn } from '../conditions/condition.ts';
import { http } from '../kinds/http.ts';
import type { CheckKind } from '../kinds/kind.ts';
import type { PlanEntry } from '../plan.ts';
import { usualProbeConcurrency } from '../probe-concurrency.ts';
import type { Probe, Unreachable } from '../run.ts';
import type { Phases, Seen } from '../slot-results.ts';
import { type Network, type Noticed, withDeadline } from './attempt.ts';
import { type Judged, judgeLook, readable } from './judge-look.ts';
import { CannotTell, TargetFailed } from './outcome.ts';
import type { ProbePorts } from './ports.ts';
import { hidingSecrets } from './secret-values.ts';

export type ProbeOptions = {
  readonly network: Network;
  readonly ports: ProbePorts;
  /** Epoch ms by the platform's clock. */
  readonly clock: () => number;
  /** Told of faults of our own, with their stack. */
  readonly onFault: (entry: PlanEntry, error: Error) => void;
  /** Probes at once. With many more, the event loop's own delay is measured as latency of the targets. */
  readonly concurrency?: number;
  /** Ms from the start after which no attempt may still run; what finds no room before it is a gap. */
  readonly budgetMs?: number;
  /** False: a failed condition is told without what stood in the answer's body. */
  readonly showBodies?: false;
};

/** A check may take 50 s with its retries; the rest of the runner's minute is for reading and writing. */
const usualBudgetMs = 52_000;
/** Less than the second that the rule for timeouts reckons with. */
const retryPauseMs = 500;

/** Probes with bounded concurrency, in the order given: what comes last may find no time left. */
export const probeAll =
  (options: ProbeOptions): Probe =>
  async (entries, isOutOfReach) => {
    const endsAt = performance.now() + (options.budgetMs ?? usualBudgetMs);
    // Loaded when first used: a fold alone needs no probe.
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    const waiting = [...entries];
    const seen: Seen[] = [];
    const unreachable = new Map<number, Unreachable>();
    const reached = new Set<Unreachable>();
    const worker = async () => {
      for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
        const one = await probeOne(entry, isOutOfReach(entry.no), endsAt, options);
        if (!one) continue;
        seen.push(one.seen);
        if (one.unreachable) unreachable.set(entry.no, one.unreachable);
        if (one.reached) reached.add(one.reached);
      }
    };
    await Promise.all(Array.from({ length: options.concurrency ?? usualProbeConcurrency }, worker));
    loop.disable();
    return { seen, unreachable, reached, loopDelayMs: Math.round(loop.max / 1e6) };
  };

/** On which way the target lies: nothing came back at all, or something did. */
type Reach = { readonly unreachable?: Unreachable; readonly reached?: Unreachable };

type Look = Reach & {
  readonly judged: Judged;
  readonly phases: Phases;
  readonly timedOut: boolean;
};

/** Undefined when there was no time for a whole attempt: a gap tells less than a failure that is none. */
const probeOne = async (
  entry: PlanEntry,
  isOutOfReach: boolean,
  endsAt: number,
  options: ProbeOptions,
): Promise<(Reach & { readonly seen: Seen }) | undefined> => {
  // What was out of reach is only asked whether it is back.
  const attempts = isOutOfReach ? 1 : entry.retries + 1;
  let look: Look | undefined;
  let made = 0;
  while (made < attempts && performance.now() + entry.timeoutSeconds * 1000 <= endsAt) {
    look = await lookOnce(entry, options);
    made++;
    if (look.judged.status !== 'unhealthy') break;
    if (made < attempts) await new Promise<void>((done) => setTimeout(done, retryPauseMs));
  }
  if (!look) return undefined;
  const { judged, phases, timedOut, ...reach } = look;
  const seen = { no: entry.no, rev: entry.revision, ...judged, phases, attempts: made };
  return { seen: timedOut ? { ...seen, timedOut } : seen, ...reach };
};

/** Most checks are http; a runner that never meets another kind does not load them. */
const kindOf = async (type: string): Promise<CheckKind | undefined> => {
  if (type === 'http') return http;
  // Kept, for asking for a module that is there already costs as much as a connection.
  otherKinds ??= (await import('../kinds/index.ts')).checkKinds;
  return Object.hasOwn(otherKinds, type) ? otherKinds[type] : undefined;
};
let otherKinds: Readonly<Record<string, CheckKind>> | undefined;

/** One attempt. The values of the secrets it used are taken out of whatever it says. */
export const lookOnce = async (entry: PlanEntry, options: ProbeOptions): Promise<Look> => {
  const kind = await kindOf(entry.type);
  if (!kind) return failed(unknown(`this runner does not know checks of the kind ${entry.type}`), {});
  // What cannot be loaded fails again in the probe, as a fault of our own.
  if (kind.load) await kind.load().catch(() => {});
  const secrets = hidingSecrets(options.ports);
  const { result, phases, noticed } = await withDeadline(
    {
      timeoutMs: entry.timeoutSeconds * 1000,
      network: options.network,
      wanted: entry.conditions ? placeholdersIn(entry.conditions) : nothingWanted,
      now: options.clock,
      portsOf: secrets.portsOf,
      hide: secrets.hide,
      conceal: secrets.remember,
      showBodies: options.showBodies,
    },
    (attempt) => kind.probe(entry, attempt),
  );
  if (!(result instanceof Error)) {
    const judged = await judgeLook(entry, result, phases, noticed, options.clock(), {
      showBodies: options.showBodies,
      hide: secrets.hide,
    });
    return { judged: secrets.hideIn(judged), phases, timedOut: false, ...reachOf(undefined, noticed) };
  }
  if (!(result instanceof TargetFailed)) {
    if (!(result instanceof CannotTell)) options.onFault(entry, withoutSecrets(result, secrets.hide));
    const judged = secrets.hideIn(unknown(readable(secrets.hide(result.message))));
    return { ...failed(judged, phases), ...reachOf(result, noticed) };
  }
  const reason = readable(secrets.hide(result.message));
  const judged = secrets.hideIn({ status: 'unhealthy', reason });
  return { ...failed(judged, phases), timedOut: result.how === 'timeout', ...reachOf(result, noticed) };
};

const nothingWanted: ReadonlySet<Placeholder> = new Set();

/** An error for the log: what was thrown may carry a secret in its words, its stack, or in fields of its own. */
const withoutSecrets = ({ name, message, stack = '' }: Error, hide: (text: string) => string): Error =>
  Object.defineProperties(new Error(hide(message)), {
    name: { value: name },
    stack: { value: hide(stack) },
  });

const failed = (judged: Judged, phases: Phases): Look => ({ judged, phases, timedOut: false });

/** What may as well be our own way out: nothing came back at all. A target that hung after it answered is no such thing. */
const reachOf = (failure: Error | undefined, { ip, isPublic }: Noticed): Reach => {
  if (isPublic === undefined) return {};
  const way = isPublic ? 'public' : 'private';
  if (failure instanceof CannotTell) return failure.isWayOut ? { unreachable: way } : {};
  if (failure && !(failure instanceof TargetFailed)) return {};
  const isNothing = failure?.how === 'network' || (failure?.how === 'timeout' && ip === undefined);
  return isNothing ? { unreachable: way } : { reached: way };
};

const unknown = (reason: string): Judged => ({ status: 'unknown', reason });
