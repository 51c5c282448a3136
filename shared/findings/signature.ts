import { createHmac } from 'node:crypto';
import { sameDigest, sha256 } from '../platform/ids.ts';

/** So far the clocks of both sides may be apart, and so late a delivery may come. */
export const signatureWindowSeconds = 300;
/** Fewer bits could be guessed offline from one delivery. */
const leastKeyCharacters = 32;
/** Old and new while a key is changed, on either side. */
const mostSignatures = 5;

export const signatureHeader = 'X-Homeostat-Signature';

/** HMAC-SHA256 over `<t>.<body>` in hex; `t` in Unix seconds. */
export const signatureOf = (key: string, at: number, body: string): string =>
  createHmac('sha256', key).update(`${at}.${body}`).digest('hex');

/**
 * The keys in the secret `FINDINGS_KEY`: one, or while it is changed several, separated by commas or white space. What
 * is shorter than 32 characters is no key.
 */
export const keysIn = (secret: string | undefined): readonly string[] =>
  (secret ?? '').split(/[\s,]+/).filter((key) => key.length >= leastKeyCharacters);

export type Signed =
  | { readonly isValid: true /** The same for the same delivery told again. */; readonly delivery: string }
  | { readonly isValid: false; readonly reason: string };

/**
 * Whether a body was signed with one of the keys, within the window around `now` (epoch ms). The header says
 * `t=<unix seconds>,v1=<hex>`; `v1` may stand there for each of several keys. Every comparison takes as long as any
 * other; the reason never says which part of a signature was wrong.
 */
export const verifySignature = (
  keys: readonly string[],
  { header, body, now }: { readonly header: string | undefined; readonly body: string; readonly now: number },
): Signed => {
  const { at, signatures } = parse(header ?? '');
  if (at === undefined || signatures.length === 0) {
    const shape = `${signatureHeader}: t=<unix seconds>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>`;
    return { isValid: false, reason: `Sign the body: ${shape}.` };
  }
  const matches = keys.flatMap((key) => {
    const expected = signatureOf(key, at, body);
    return signatures.map((given) => sameDigest(expected, given));
  });
  if (!matches.some(Boolean)) return { isValid: false, reason: 'The signature is not that of this body.' };
  const apart = Math.abs(now / 1000 - at);
  if (apart > signatureWindowSeconds) {
    const reason = `The signature is from another time: t must be within ${signatureWindowSeconds} seconds of now.`;
    return { isValid: false, reason };
  }
  return { isValid: true, delivery: sha256(`${at}.${body}`) };
};

const parse = (
  header: string,
): { readonly at: number | undefined; readonly signatures: readonly string[] } => {
  const parts = header
    .slice(0, 1000)
    .split(',')
    .map((part) => part.trim());
  const at = parts.map((part) => /^t=(\d{1,12})$/.exec(part)?.[1]).find((digits) => digits !== undefined);
  const signatures = parts
    .flatMap((part) => /^v1=([0-9a-f]{64})$/.exec(part)?.[1] ?? [])
    .slice(0, mostSignatures);
  return { at: at === undefined ? undefined : Number(at), signatures };
};
