import { expect } from 'vitest';
import type { Answered } from './api-client.ts';

/** Planted wherever a secret could stand; no answer and no log line may hold it. */
export const canary = 'canary-5e1f0c';

/** The closed set of codes with their statuses, as the documentation promises them. */
const statusOf: Readonly<Record<string, number>> = {
  MALFORMED_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  CONTENT_TOO_LARGE: 413,
  VALIDATION_ERROR: 422,
  HEALTH_CHECK_ERROR: 422,
  ALERT_ERROR: 422,
  RATE_LIMITED: 429,
  INTERNAL_ERROR: 500,
  COLLECTION_ERROR: 503,
};

/** A refusal is a problem by RFC 9457 with a code of the closed set, and repeats nothing of what was sent. */
export const expectProblem = (answered: Answered, status?: number): void => {
  expect(answered.status, answered.text).toBe(statusOf[String(answered.json.code)]);
  expect(answered.status).toBeLessThan(500);
  if (status !== undefined) expect(answered.status, answered.text).toBe(status);
  expect(answered.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'x-request-id': expect.any(String),
  });
  expect(answered.json).toMatchObject({
    type: expect.stringMatching(/^urn:homeostat:problem:[a-z-]+$/),
    title: expect.any(String),
    status: answered.status,
    detail: expect.stringMatching(/\.$/),
    instance: expect.stringMatching(/^urn:homeostat:request:/),
  });
  expect(answered.text).not.toContain(canary);
  expect(answered.text.length).toBeLessThan(20_000);
};
