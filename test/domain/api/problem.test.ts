import { describe, expect, it } from 'vitest';
import { toProblem, toRefusal } from '../../../shared/platform/edge/http-problem.ts';
import { DomainError } from '../../../shared/platform/errors.ts';

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

describe('what was thrown becomes a problem', () => {
  it.each([
    'ThrottlingException',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'TooManyRequestsException',
  ])('%s of AWS answers 429 and says when to come again (fault 4)', (name) => {
    const { statusCode, headers, body } = toProblem(toRefusal(named(name, 'table state-4711')), 'r1');
    expect([statusCode, headers['retry-after']]).toEqual([429, '5']);
    expect(body).not.toContain('state-4711');
  });

  it.each([
    new Error('secret'),
    named('ResourceNotFoundException', 'secret'),
    'secret',
    null,
    undefined,
    { secret: 1 },
  ])('anything unknown answers 500 and shows nothing but the request id (fault 29)', (thrown) => {
    const { statusCode, body } = toProblem(toRefusal(thrown), 'r1');
    expect(JSON.parse(body ?? '')).toEqual({
      type: 'urn:homeostat:problem:internal-error',
      title: 'Something went wrong inside Homeostat',
      status: 500,
      detail:
        'Something went wrong inside. Try again; if it stays, look for this request id in the log of the function api.',
      code: 'INTERNAL_ERROR',
      instance: 'urn:homeostat:request:r1',
    });
    expect(statusCode).toBe(500);
  });

  it('records that cannot be read just now answer 503 and say when to come again', () => {
    const { statusCode, headers } = toProblem(new DomainError('COLLECTION_ERROR', 'Try again.'), 'r1');
    expect([statusCode, headers['retry-after']]).toEqual([503, '5']);
  });
});
