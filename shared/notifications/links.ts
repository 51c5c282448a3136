import { createHmac, timingSafeEqual } from 'node:crypto';
import { DomainError } from '../platform/errors.ts';

/** `view` shows the incident and offers to acknowledge and to silence it; `approve` shows a plan and offers to decide on it. */
export type LinkAction = 'view' | 'acknowledge' | 'silence' | 'approve';
const actions: readonly LinkAction[] = ['view', 'acknowledge', 'silence', 'approve'];

/** What a link in a notification allows, to whoever holds it. */
export type Link = {
  /** Of `approve` it is `plan:<hash>`. */
  readonly incidentId: string;
  readonly action: LinkAction;
  /** Through which channel it was handed out, for the audit. */
  readonly channelId: string;
  /** Epoch ms. */
  readonly expiresAt: number;
};

/** So that nothing else that is ever signed with this key can pass for a link. */
const purpose = 'homeostat link 1\n';
/** Far more than any token is; what is longer is not even decoded. */
const longestToken = 1000;

const macOf = (key: string, payload: string): Buffer =>
  createHmac('sha256', key).update(purpose).update(payload).digest();

/** The token of a link, as the last part of a path. The same link has the same token. */
export const signLink = (key: string, { incidentId, action, channelId, expiresAt }: Link): string => {
  const fields = [incidentId, action, channelId, Math.floor(expiresAt / 1000)];
  const payload = Buffer.from(JSON.stringify(fields)).toString('base64url');
  return `${payload}.${macOf(key, payload).toString('base64url')}`;
};

/**
 * What a token allows. `keys`: any of them may have signed it, so that a key can be replaced while links are out. Throws
 * NOT_FOUND when none of them did, and FORBIDDEN when the link's time is over.
 */
export const verifyLink = (keys: readonly string[], token: string, now: number): Link => {
  const [, payload = '', mac = ''] = /^([\w-]+)\.([\w-]{43})$/.exec(token.slice(0, longestToken + 1)) ?? [];
  const given = Buffer.from(mac, 'base64url');
  // Each key is tried in full, so that the time it takes does not tell which one signed.
  const isGenuine = keys
    .map((key) => macOf(key, payload))
    .map((expected) => given.length === expected.length && timingSafeEqual(given, expected))
    .includes(true);
  const link = isGenuine && token.length <= longestToken ? linkIn(payload) : undefined;
  if (!link) {
    throw new DomainError(
      'NOT_FOUND',
      'This link is not one of ours, or it was cut: copy it whole out of the notification.',
    );
  }
  if (link.expiresAt <= now) {
    throw new DomainError('FORBIDDEN', 'This link has expired: use a newer notification of the incident.');
  }
  return link;
};

const linkIn = (payload: string): Link | undefined => {
  const fields: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  if (!Array.isArray(fields)) return undefined;
  const [incidentId, action, channelId, expires] = fields as readonly unknown[];
  if (typeof incidentId !== 'string' || typeof channelId !== 'string' || typeof expires !== 'number') {
    return undefined;
  }
  const known = actions.find((one) => one === action);
  return known && { incidentId, action: known, channelId, expiresAt: expires * 1000 };
};
