import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import type { PhaseName, Phases } from '../slot-results.ts';
import { judgeAddresses, type NetworkPolicy } from './guard.ts';
import { CannotTell, fromSocketError, TargetFailed } from './outcome.ts';
import type { Resolve } from './resolve.ts';

export type Endpoint = {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly verify: boolean };
};

/** What a kind may use for one look at its target: the only way out, guarded, measured and ended in time. */
export type Attempt = {
  /** Resolves, judges every address, and connects to exactly one of those. */
  connect(endpoint: Endpoint): Promise<Socket>;
  /** Adds a measured time, ms, to a phase; hops add up. */
  measured(phase: PhaseName, milliseconds: number): void;
  /** Aborts when the attempt is over, in time or not; every socket then closes. */
  readonly signal: AbortSignal;
};

export type Network = { readonly resolve: Resolve; readonly policy: NetworkPolicy };

/** A name's first addresses; more would only eat the deadline. */
const maximumAddresses = 3;

let sharedContext: SecureContext | undefined;
/** One for all: making one costs more than a handshake. It keeps no sessions, so each probe sees the whole handshake. */
const secureContext = (): SecureContext => {
  sharedContext ??= createSecureContext({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
  return sharedContext;
};

/** Runs one look under one absolute deadline, whatever the target does or leaves undone. */
export const withDeadline = async <T>(
  timeoutMs: number,
  network: Network,
  look: (attempt: Attempt) => Promise<T>,
): Promise<{ result: T | Error; phases: Phases }> => {
  const phases: Partial<Record<PhaseName, number>> = {};
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TargetFailed(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  const attempt: Attempt = {
    connect: (endpoint) => open(endpoint, network, attempt),
    measured: (phase, milliseconds) => {
      if (!over.signal.aborted) phases[phase] = (phases[phase] ?? 0) + milliseconds;
    },
    signal: over.signal,
  };
  const result = await Promise.race([look(attempt), late]).catch((error: Error) => error);
  clearTimeout(timer);
  over.abort();
  return { result, phases: inWholeMilliseconds(phases) };
};

const inWholeMilliseconds = (phases: Phases): Phases =>
  Object.fromEntries(
    Object.entries(phases).map(([phase, milliseconds]) => [phase, Math.round(milliseconds)]),
  );

const open = async (endpoint: Endpoint, network: Network, attempt: Attempt): Promise<Socket> => {
  const askedAt = performance.now();
  const addresses = await network.resolve(endpoint.host);
  if (!isIP(endpoint.host)) attempt.measured('dns', performance.now() - askedAt);
  const judged = judgeAddresses(endpoint.host, endpoint.port, addresses, network.policy);
  if ('refusal' in judged) throw new CannotTell(judged.refusal);
  let failure: Error = new TargetFailed(`${endpoint.host} has no address`);
  for (const address of judged.usable.slice(0, maximumAddresses)) {
    const opened = await openAt(address, endpoint, attempt);
    if (!('failure' in opened)) return opened.socket;
    failure = opened.failure;
    if (opened.reached) break;
  }
  throw failure;
};

type Opened = { socket: Socket } | { failure: Error; reached: boolean };

/** Connects to the address itself: the name is not resolved again, so no second answer can lead elsewhere. */
const openAt = (address: string, endpoint: Endpoint, attempt: Attempt): Promise<Opened> =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    let connectedAt: number | undefined;
    const socket = start(address, endpoint);
    const close = () => socket.destroy();
    attempt.signal.addEventListener('abort', close, { once: true });
    socket.once('close', () => attempt.signal.removeEventListener('abort', close));
    if (attempt.signal.aborted) close();
    // Stays on the socket: an error after we are done with it must find a listener.
    socket.on('error', (error) => {
      const when = connectedAt === undefined ? 'connect' : 'tls';
      resolve({ failure: fromSocketError(error, when), reached: connectedAt !== undefined });
    });
    socket.once('connect', () => {
      connectedAt = performance.now();
      attempt.measured('connect', connectedAt - startedAt);
      if (!endpoint.tls) resolve({ socket });
    });
    if (endpoint.tls) {
      socket.once('secureConnect', () => {
        attempt.measured('tls', performance.now() - (connectedAt ?? startedAt));
        resolve({ socket });
      });
      socket.once('close', () =>
        resolve({
          failure: new TargetFailed('tls: the connection was closed in the handshake'),
          reached: true,
        }),
      );
    }
  });

const start = (address: string, { host, port, tls }: Endpoint): Socket =>
  tls
    ? connectTls({
        host: address,
        port,
        // An address is no server name; the certificate is then checked against the address. Nor is the dot that
        // may end a name part of it (RFC 6066): some servers end the handshake at one.
        servername: isIP(host) ? '' : host.replace(/\.$/, ''),
        secureContext: secureContext(),
        rejectUnauthorized: tls.verify,
        ALPNProtocols: ['http/1.1'],
      })
    : connectPlain({ host: address, port });
