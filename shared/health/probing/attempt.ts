import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Placeholder } from '../conditions/condition.ts';
import type { PhaseName, Phases } from '../slot-results.ts';
import { isPublicAddress, isPublicName, judgeAddresses, type NetworkPolicy } from './guard.ts';
import { CannotTell, mostTelling, TargetFailed } from './outcome.ts';
import { type Watched, watched } from './own-side.ts';
import type { ProbePorts } from './ports.ts';
import type { Resolve } from './resolve.ts';
import { type Course, type Endpoint, openAt, secure, type TlsOptions } from './sockets.ts';

export type { Endpoint, TlsOptions } from './sockets.ts';

/** What an attempt noticed on the way. A kind that looks without `connect` notes it itself. */
export type Noticed = {
  /** The address that the last connection came about with. */
  ip?: string;
  /** Epoch ms: when the certificate of the last connection expires. Read only when a condition speaks of it. */
  certificateExpiresAt?: number;
  /** Whether the way to the last target leads over the public internet. */
  isPublic?: boolean;
};

/** What a kind may use for one look at its target: the only way out, guarded, measured and ended in time. */
export type Attempt = {
  /** Resolves, judges every address, and connects to exactly one of those. */
  connect(endpoint: Endpoint): Promise<Socket>;
  /** For ways that do not lead through `connect`: judges the address in the same way. Throws `CannotTell`. */
  admit(address: string, port: number): void;
  /** Begins TLS on a connection that spoke in the clear so far (STARTTLS and the like). */
  upgrade(socket: Socket, host: string, tls: TlsOptions): Promise<TLSSocket>;
  /** Adds a measured time, ms, to a phase; hops add up. */
  measured(phase: PhaseName, milliseconds: number): void;
  /** Aborts when the attempt is over, in time or not; every socket then closes. */
  readonly signal: AbortSignal;
  /** Whether some condition speaks of it: what nobody asks for is not read, parsed or kept. */
  wants(placeholder: Placeholder): boolean;
  /** Epoch ms by the platform's clock. */
  now(): number;
  readonly noticed: Noticed;
  /** What the reason says when the deadline ends the look; that there was no answer when nobody says more. */
  onDeadline(say: (timeoutSeconds: number) => string): void;
  /** What the target sent, as a reason may show it. */
  shown(text: string): string;
  /** A text without the values that stay hidden, such as those of secrets. */
  hide(text: string): string;
  /** Keeps a value out of every reason from now on, as the values of secrets are. */
  conceal(value: string): void;
  /** False where reasons must leave out what the target sent. */
  readonly showBodies: boolean;
  readonly ports: ProbePorts;
};

export type Network = { readonly resolve: Resolve; readonly policy: NetworkPolicy };

/** What an attempt is made with. */
export type AttemptOptions = {
  readonly timeoutMs: number;
  readonly network: Network;
  readonly wanted: ReadonlySet<Placeholder>;
  readonly now: () => number;
  /** Called when a kind first asks: most need none of them, and a probe is short. */
  readonly portsOf: () => ProbePorts;
  /** Takes the values of secrets out of a text: before it is cut, for a cut would leave half of one (fault 29). */
  readonly hide: (text: string) => string;
  readonly conceal: (value: string) => void;
  /** False: reasons leave out what the target sent. */
  readonly showBodies?: boolean | undefined;
};

/** A name's first addresses; more would only eat the deadline. */
const maximumAddresses = 3;

/** Without a reason of its own each abort makes an exception with a stack: a tenth of what a plain probe costs. */
const done = 'the attempt is over';

/** Runs one look under one absolute deadline, whatever the target does or leaves undone. */
export const withDeadline = async <T>(
  { timeoutMs, network, wanted, now, portsOf, hide, conceal, showBodies = true }: AttemptOptions,
  look: (attempt: Attempt) => Promise<T>,
): Promise<{ result: T | Error; phases: Phases; noticed: Noticed }> => {
  const noticed: Noticed = {};
  const phases: Partial<Record<PhaseName, number>> = {};
  const measured = (phase: PhaseName, milliseconds: number): void => {
    if (!course.isOver) phases[phase] = (phases[phase] ?? 0) + milliseconds;
  };
  let controller: AbortController | undefined;
  // What a connection needs costs every probe; a signal only the kinds that ask for one.
  const endsAt = performance.now() + timeoutMs;
  const course = { isOver: false, endsAt, closers: new Set<() => void>(), measured };
  let timer: NodeJS.Timeout | undefined;
  let say = (seconds: number): string => `no answer within ${seconds} s`;
  let own: Watched | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const ours = own?.awaited();
      reject(
        ours === undefined
          ? new TargetFailed(say(timeoutMs / 1000), 'timeout')
          : new CannotTell(`${ours} could not be read within ${timeoutMs / 1000} s`),
      );
    }, timeoutMs);
  });
  const attempt: Attempt = {
    connect: async (endpoint) => {
      const socket = await open(endpoint, network, course, noticed);
      if (endpoint.tls && wanted.has('CERTIFICATE_DAYS')) noteCertificate(socket as TLSSocket, noticed);
      return socket;
    },
    admit: (address, port) => {
      usableOf(address, port, [address], network.policy);
      noticed.isPublic = isPublicAddress(address);
    },
    upgrade: async (socket, host, tls) => {
      const secured = await secure(socket, host, tls, course);
      if (wanted.has('CERTIFICATE_DAYS')) noteCertificate(secured, noticed);
      return secured;
    },
    measured,
    get signal() {
      controller ??= new AbortController();
      if (course.isOver) controller.abort(done);
      return controller.signal;
    },
    wants: (placeholder) => wanted.has(placeholder),
    now,
    noticed,
    onDeadline: (better) => {
      say = better;
    },
    shown: (text) => (showBodies ? quoted(hide(text)) : 'something that is not shown'),
    hide,
    conceal,
    showBodies,
    get ports() {
      own ??= watched(portsOf());
      return own.ports;
    },
  };
  const result = await Promise.race([look(attempt), late]).catch((error: Error) => error);
  clearTimeout(timer);
  course.isOver = true;
  for (const close of course.closers) close();
  controller?.abort(done);
  return { result, phases: inWholeMilliseconds(phases), noticed };
};

const noteCertificate = (socket: TLSSocket, noticed: { certificateExpiresAt?: number }): void => {
  const expiresAt = Date.parse(socket.getPeerCertificate().valid_to);
  if (!Number.isNaN(expiresAt)) noticed.certificateExpiresAt = expiresAt;
};

const inWholeMilliseconds = (phases: Partial<Record<PhaseName, number>>): Phases => {
  for (const phase of Object.keys(phases) as PhaseName[]) phases[phase] = Math.round(phases[phase] ?? 0);
  return phases;
};

/** A reason has room for the beginning. */
const shownCharacters = 120;
const quoted = (text: string): string =>
  text === ''
    ? 'nothing'
    : JSON.stringify(text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text);

const usableOf = (
  host: string,
  port: number,
  addresses: readonly string[],
  policy: NetworkPolicy,
): readonly string[] => {
  const judged = judgeAddresses(host, port, addresses, policy);
  if ('refusal' in judged) throw new CannotTell(judged.refusal);
  return judged.usable;
};

const open = async (
  endpoint: Endpoint,
  network: Network,
  course: Course,
  noticed: Noticed,
): Promise<Socket> => {
  noticed.isPublic = isPublicName(endpoint.host);
  const askedAt = performance.now();
  const addresses = await network.resolve(endpoint.host);
  if (!isIP(endpoint.host)) course.measured('dns', performance.now() - askedAt);
  const usable = usableOf(endpoint.host, endpoint.port, addresses, network.policy);
  noticed.isPublic = usable.some(isPublicAddress);
  let failure: Error | undefined;
  const tried = usable.slice(0, maximumAddresses);
  for (const [at, address] of tried.entries()) {
    // An address that hangs must leave time for those after it.
    const left = tried.length - at;
    const patienceMs = left > 1 ? (course.endsAt - performance.now()) / left : undefined;
    // A target that hangs or fails after TCP came about was heard of all the same.
    const onReached = (): void => {
      noticed.ip = address;
    };
    const opened = await openAt(address, endpoint, course, onReached, patienceMs);
    if (!('failure' in opened)) return opened.socket;
    failure = mostTelling(failure, opened.failure);
    if (opened.reached) break;
  }
  throw failure ?? new TargetFailed(`${endpoint.host} has no address`, 'network');
};
