import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { PhaseName } from '../slot-results.ts';
import { begun, contextOptions, http11 } from './handshake.ts';
import { CannotTell, fromSocketError, TargetFailed } from './outcome.ts';

export type TlsOptions = {
  readonly verify: boolean;
  /** ALPN; `['http/1.1']` when left out, `[]` for none. */
  readonly protocols?: readonly string[];
  /** The name to ask for and to check; the host when left out. */
  readonly serverName?: string;
  /** PEM: certificates to trust in place of the public ones. */
  readonly authorities?: string;
};

export type Endpoint = {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsOptions;
};

/** What a connection tells whoever opened it, and what ends it. */
export type Course = {
  readonly isOver: boolean;
  /** By the clock of `performance.now()`, ms: when it is over at the latest. */
  readonly endsAt: number;
  /** Called when it is over. A set of them costs less than the listeners of an AbortSignal, and a probe is short. */
  readonly closers: Set<() => void>;
  measured(phase: PhaseName, milliseconds: number): void;
};

let sharedContext: SecureContext | undefined;
/** One for all: making one costs more than a handshake. It keeps no sessions, so each probe sees the whole handshake. */
const secureContext = (authorities: string | undefined): SecureContext => {
  if (authorities !== undefined) return contextTrusting(authorities);
  sharedContext ??= createSecureContext(contextOptions);
  return sharedContext;
};

/** By authorities. A stack has a few of its own; what grows beyond that begins anew. */
const ownContexts = new Map<string, SecureContext>();
const mostOwnContexts = 20;

const contextTrusting = (authorities: string): SecureContext => {
  const known = ownContexts.get(authorities);
  if (known) return known;
  if (ownContexts.size >= mostOwnContexts) ownContexts.clear();
  try {
    const context = createSecureContext({ ...contextOptions, ca: authorities });
    ownContexts.set(authorities, context);
    return context;
  } catch (error) {
    throw new CannotTell(`the certificates to trust cannot be read: ${(error as Error).message}`);
  }
};

export type Opened = { socket: Socket } | { failure: Error; reached: boolean };

/**
 * Connects to the address itself: the name is not resolved again, so no second answer can lead elsewhere. The socket
 * closes when the course is over. `onReached` is called once TCP is connected; after `patienceMs` without that, the
 * address has failed.
 */
export const openAt = (
  address: string,
  endpoint: Endpoint,
  course: Course,
  onReached: () => void,
  patienceMs?: number,
): Promise<Opened> =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    let connectedAt: number | undefined;
    const socket = start(address, endpoint);
    const close = () => socket.destroy();
    course.closers.add(close);
    if (course.isOver) close();
    // Stays on the socket: an error after we are done with it must find a listener.
    socket.on('error', (error) => {
      const when = connectedAt === undefined ? 'connect' : 'tls';
      resolve({ failure: fromSocketError(error, when), reached: connectedAt !== undefined });
    });
    let patience: NodeJS.Timeout | undefined;
    if (patienceMs !== undefined) {
      patience = setTimeout(() => {
        course.measured('connect', performance.now() - startedAt);
        resolve({ failure: new TargetFailed(`connect ETIMEDOUT ${address}`, 'network'), reached: false });
        close();
      }, patienceMs);
    }
    socket.once('connect', () => {
      clearTimeout(patience);
      connectedAt = performance.now();
      course.measured('connect', connectedAt - startedAt);
      onReached();
      if (!endpoint.tls) resolve({ socket });
    });
    let isSecure = false;
    if (endpoint.tls) {
      socket.once('secureConnect', () => {
        isSecure = true;
        course.measured('tls', performance.now() - (connectedAt ?? startedAt));
        resolve({ socket });
      });
    }
    socket.once('close', () => {
      clearTimeout(patience);
      course.closers.delete(close);
      // An error's stack costs more than the handler, so none is made for a probe that went well.
      if (endpoint.tls && !isSecure) resolve({ failure: brokenOff(), reached: true });
    });
  });

const brokenOff = () => new TargetFailed('tls: the connection was closed in the handshake');

const start = (address: string, { host, port, tls }: Endpoint): Socket =>
  tls ? begun({ host: address, port, ...tlsOptions(host, tls) }) : connectPlain({ host: address, port });

/** Begins TLS on a connection that spoke in the clear so far. The certificate is judged as by `openAt`. */
export const secure = (socket: Socket, host: string, tls: TlsOptions, course: Course): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const secured = begun({ socket, host, ...tlsOptions(host, tls) });
    let isSecure = false;
    secured.on('error', (error) => reject(fromSocketError(error, 'tls')));
    secured.once('close', () => {
      if (!isSecure) reject(brokenOff());
    });
    secured.once('secureConnect', () => {
      isSecure = true;
      course.measured('tls', performance.now() - startedAt);
      resolve(secured);
    });
  });

/** The certificate is judged against the host also where that is an address, which is never sent as a name. */
const tlsOptions = (host: string, tls: TlsOptions) => {
  const name = tls.serverName ?? host;
  return {
    // An address is no server name; the certificate is then checked against the address. Nor is the dot that
    // may end a name part of it (RFC 6066): some servers end the handshake at one.
    servername: isIP(name) ? '' : name.replace(/\.$/, ''),
    secureContext: secureContext(tls.authorities),
    rejectUnauthorized: tls.verify,
    ALPNProtocols: tls.protocols ? [...tls.protocols] : http11,
  };
};
