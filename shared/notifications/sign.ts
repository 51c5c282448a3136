import { createHmac } from 'node:crypto';

/**
 * The value of `X-Homeostat-Signature`: HMAC-SHA256 of `<t>.<body>` with each key, so that a receiver can change keys
 * without a gap. `t` (epoch seconds) is in the signature, so that nobody can send an old message again later. Undefined
 * without keys.
 */
export const signatureOf = (body: string, keys: readonly string[], now: number): string | undefined => {
  const seconds = Math.floor(now / 1000);
  const signatures = keys.map(
    (key) => `v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`,
  );
  return signatures.length === 0 ? undefined : [`t=${seconds}`, ...signatures].join(',');
};
