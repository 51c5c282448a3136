/** The target did not do what the check expects. The message is the reason people read. */
export class TargetFailed extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'TargetFailed';
  }
}

/** We could not look: refused by our own rules, or a fault on our side. Never counted against the target. */
export class CannotTell extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'CannotTell';
  }
}

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
    return new CannotTell(`Homeostat's own side failed: ${error.message}`);
  }
  if (when === 'connect') return new TargetFailed(error.message);
  if (when === 'tls') return new TargetFailed(`tls: ${withoutPrefix(error.message)}`);
  return new TargetFailed(`the connection broke before the answer was complete: ${error.message}`);
};

/**
 * OpenSSL's own errors begin with a thread id and end with file names (`…:error:0A00…:SSL routines:fn:reason:file`);
 * Node adds advice about its own flags after a semicolon.
 */
const withoutPrefix = (message: string): string =>
  /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? message.replace(/; if the root CA .*$/, '');
