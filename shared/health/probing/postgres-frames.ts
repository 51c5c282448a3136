import { type Gate, largestAnswer, tooLarge } from './driver-stream.ts';
import { TargetFailed } from './outcome.ts';

/** A letter and a length that counts itself stand before each message of a PostgreSQL server. */
const headerBytes = 5;
const largestMessage = largestAnswer;
const rowCode = 'D'.charCodeAt(0);
const errorCode = 'E'.charCodeAt(0);
const noticeCode = 'N'.charCodeAt(0);

/**
 * Lets whole messages through only, and of errors and notices only those that end as they must: the driver reads their
 * fields until it meets the end mark, and without one it would read for ever, with the whole run standing still.
 */
export const postgresFrames = (): Gate => {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let end = 0;
    while (pending.length - end >= headerBytes) {
      const length = pending.readUInt32BE(end + 1) + 1;
      if (length > largestMessage && pending[end] === rowCode) throw tooLarge();
      if (length < headerBytes || length > largestMessage) {
        throw new TargetFailed("the server's answer is not PostgreSQL");
      }
      if (pending.length - end < length) break;
      refuseEndless(pending.subarray(end, end + length));
      end += length;
    }
    const whole = pending.subarray(0, end);
    pending = pending.subarray(end);
    return whole;
  };
};

/** Fields end with a zero byte each, their list with one more; an empty list is that one alone. */
const refuseEndless = (message: Buffer): void => {
  if (message[0] !== errorCode && message[0] !== noticeCode) return;
  const isEmpty = message.length === headerBytes + 1;
  const hasEnd = message.at(-1) === 0 && (isEmpty || message.at(-2) === 0);
  if (!hasEnd) throw new TargetFailed("the server's answer is not PostgreSQL");
};
