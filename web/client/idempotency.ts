/**
 * A key that makes one making of a thing recognisable, however often it is sent. `crypto.randomUUID` is missing where a
 * local host is opened over plain http from another machine.
 */
export const newIdempotencyKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
