import type { EventDetails } from '../platform/events.ts';

/** What is the matter with an unhealthy service, as far as its check can tell. */
export const causes = ['down', 'slow', 'errors'] as const;
export type Cause = (typeof causes)[number];

/** How looks say that time ran out, or that an answer took too long. */
const tooLong = /\bno answer within\b|\btimed out\b|\bETIMEDOUT\b|\[RESPONSE_TIME\]/i;

/**
 * Slow: it took too long, or never answered in time. Errors: it answered, and wrongly. Down: there was no answer to be
 * had: refused, unreachable, its name unknown.
 */
export const causeOf = ({
  reason,
  responseTimeMs,
}: Pick<EventDetails['check.status_changed'], 'reason' | 'responseTimeMs'>): Cause => {
  if (tooLong.test(reason)) return 'slow';
  return responseTimeMs === null ? 'down' : 'errors';
};
