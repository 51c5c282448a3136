/** The target did not do what the check expects. The message is the reason people read. */
export class TargetFailed extends Error {
  /**
   * `network`: nothing was heard from the target, which may as well be our own way out; `timeout`: it was heard or
   * not, but did not finish in time; `answer`: it answered, and wrongly.
   */
  readonly how: 'network' | 'timeout' | 'answer';

  constructor(reason: string, how: 'network' | 'timeout' | 'answer' = 'answer') {
    super(reason);
    this.name = 'TargetFailed';
    this.how = how;
  }
}

/** We could not look: refused by our own rules, or a fault on our side. Never counted against the target. */
export class CannotTell extends Error {
  /** Our own way out failed: no route, no name server. Many such at once mean that the monitor is blind. */
  readonly isWayOut: boolean;

  constructor(reason: string, { isWayOut = false }: { readonly isWayOut?: boolean } = {}) {
    super(reason);
    this.name = 'CannotTell';
    this.isWayOut = isWayOut;
  }
}

/**
 * Of two addresses of a name that failed, which failure to tell: what was learned of the target outweighs a way that is
 * closed to us, else IPv6 names would never be down for a machine without IPv6.
 */
export const mostTelling = (earlier: Error | undefined, later: Error): Error =>
  earlier && weightOf(earlier) > weightOf(later) ? earlier : later;

const weightOf = (error: Error): number => {
  if (error instanceof TargetFailed) return 2;
  return error instanceof CannotTell && error.isWayOut ? 1 : 0;
};

/**
 * What this machine runs out of, forbids, or has no route for; with such a code nothing was learned about the
 * target. EHOSTUNREACH is not among them: a router on the way may have said it.
 */
const ourOwnCodes = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'ENETUNREACH',
  'EACCES',
  'EPERM',
]);

/** A socket's error as what it says about the target. */
export const fromSocketError = (error: NodeJS.ErrnoException, when: 'connect' | 'tls' | 'answer'): Error => {
  if (error.code && ourOwnCodes.has(error.code)) {
    const isWayOut = error.code === 'ENETUNREACH';
    return new CannotTell(`Homeostat's own side failed: ${error.message}`, { isWayOut });
  }
  if (when === 'connect') return new TargetFailed(error.message, 'network');
  if (when === 'tls') return new TargetFailed(`tls: ${tlsReason(error.message)}`);
  return new TargetFailed(`the connection broke before the answer was complete: ${error.message}`);
};

/** OpenSSL's words for the two faults that are most often a wrong port or an old server. */
const tlsFaults: Readonly<Record<string, string>> = {
  'wrong version number': 'the server does not speak TLS on this port',
  'packet length too long': 'the server does not speak TLS on this port',
  'unsupported protocol': 'the server speaks no TLS 1.2 or newer',
  'tlsv1 alert protocol version': 'the server speaks no TLS 1.2 or newer',
};

/**
 * OpenSSL's own errors begin with a thread id and end with file names (`…:error:0A00…:SSL routines:fn:reason:file`);
 * Node adds advice about its own flags after a semicolon.
 */
const tlsReason = (message: string): string => {
  const reason = /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1];
  return reason === undefined ? message.replace(/; if the root CA .*$/, '') : (tlsFaults[reason] ?? reason);
};
