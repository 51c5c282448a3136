import { describe, expect, it } from 'vitest';
import { CannotTell, fromSocketError, TargetFailed } from '../../../shared/health/probing/outcome.ts';

const errorWith = (code: string) => Object.assign(new Error(`connect ${code} 192.0.2.1:443`), { code });

describe('what a socket’s error says about the target', () => {
  it.each(['EMFILE', 'ENOBUFS', 'EADDRNOTAVAIL', 'ENETUNREACH', 'EACCES'])(
    '%s is ours: it counts neither way (fault 16)',
    (code) => {
      const outcome = fromSocketError(errorWith(code), 'connect');
      expect(outcome).toBeInstanceOf(CannotTell);
      expect(outcome.message).toBe(`Homeostat's own side failed: connect ${code} 192.0.2.1:443`);
    },
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT'])(
    '%s is the target’s failure',
    (code) => {
      const outcome = fromSocketError(errorWith(code), 'connect');
      expect(outcome).toBeInstanceOf(TargetFailed);
      expect(outcome.message).toBe(`connect ${code} 192.0.2.1:443`);
    },
  );
});
