import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';

/** Where randomness comes in. */
export type NewId = () => string;
export const randomId: NewId = () => randomUUID();

/** `size` random bytes as base64url: for secrets that are shown once and stored hashed. */
export const randomSecret = (size = 32): string => randomBytes(size).toString('base64url');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Compares two hex digests in constant time; digests of different length are different. */
export const sameDigest = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

/** The id of a thing that has no natural key: the same caller, route and Idempotency-Key give the same id. */
export const idempotentId = (principal: string, route: string, key: string): string =>
  createHmac('sha256', principal).update(`${route}\n${key}`).digest('hex').slice(0, 24);

/** A stable number in [0, buckets) for spreading keys and slots; the first 32 bits of SHA-256. */
export const bucketOf = (text: string, buckets: number): number =>
  createHash('sha256').update(text).digest().readUInt32BE(0) % buckets;
