import { expect, it } from 'vitest';
import { causeOf } from '../../../shared/findings/index.ts';

it.each([
  ['connect ECONNREFUSED 127.0.0.1:8080', null, 'down'],
  ['getaddrinfo ENOTFOUND shop.example.com', null, 'down'],
  ['no answer within 5 s', null, 'slow'],
  ['connect ETIMEDOUT 192.0.2.1:443', null, 'slow'],
  ['[RESPONSE_TIME] (812 ms) < 300', 812, 'slow'],
  ['[STATUS] (503) in 200..299', 12, 'errors'],
  ['[BODY].ok (false) == true', 40, 'errors'],
] as const)(
  'what a check says of an unhealthy service is classified: «%s» after %s ms is %s',
  (reason, responseTimeMs, cause) => {
    expect(causeOf({ reason, responseTimeMs })).toBe(cause);
  },
);
