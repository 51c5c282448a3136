import { cut, oneLine } from '../escape.ts';
import { type HttpAnswer, NotSent } from './kind.ts';

/** What of an answer may stand in an error: receivers send whole pages. */
const shownCharacters = 200;
/** Whoever asks for more patience than an hour is asked again all the same. */
const longestWaitSeconds = 3600;

export const shownAnswer = (body: string): string => {
  const text = cut(oneLine(body.slice(0, 2000)), shownCharacters);
  return text === '' ? '' : `: ${text}`;
};

/** Seconds or a date, as `Retry-After` gives them; undefined when it is neither. */
export const retryAfterOf = (answer: HttpAnswer, now: number): number | undefined => {
  const value = answer.headers['retry-after']?.trim() ?? '';
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  if (value === '' || Number.isNaN(seconds)) return undefined;
  return Math.min(longestWaitSeconds, Math.max(1, Math.ceil(seconds)));
};

/** Statuses of 400 to 499 that another time may be different. */
const passing: readonly number[] = [408, 425, 429];

/** Throws NotSent unless the receiver took it. `who` names the receiver, never its URL, which may be secret. */
export const requireTaken = (answer: HttpAnswer, who: string, now: number): void => {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400) {
    throw new NotSent(
      `${who} answered ${status}: redirects are not followed, give the address that it leads to`,
      {
        isFinal: true,
      },
    );
  }
  const retryAfterSeconds = retryAfterOf(answer, now);
  throw new NotSent(`${who} answered ${status}${shownAnswer(body)}`, {
    isFinal: status >= 400 && status < 500 && !passing.includes(status),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
};
