import { CannotTell } from '../probing/outcome.ts';
import { ask, askingOf, successOf } from './http-ask.ts';
import { httpConfigOf, probedUrl } from './http-config.ts';
import { requestOf } from './http-request.ts';
import { httpSchema } from './http-schema.ts';
import { type CheckKind, ofConnections } from './kind.ts';

/**
 * Healthy when the answer has an expected status, or with steps when the answers of all of them have. A body is read up
 * to a limit, and kept only where a condition or a capture looks into it.
 */
export const http: CheckKind = {
  placeholders: ['STATUS', 'BODY', 'HEADER', ...ofConnections],
  secretFields: [
    'headers.*',
    'body',
    'auth.bearer',
    'auth.basic.password',
    'steps.url',
    'steps.headers.*',
    'steps.body',
  ],
  definition: httpSchema,

  async probe({ target, config: given }, attempt) {
    const url = probedUrl(target);
    if (typeof url === 'string') throw new CannotTell(url);
    const config = httpConfigOf(given);
    const startedAt = performance.now();
    if (config.steps) {
      const { probeSteps } = await import('./http-steps.ts');
      return probeSteps(url, config, config.steps, attempt);
    }
    const { method, headers, body, auth } = config;
    const request = await requestOf({ method, url, headers, body, auth }, attempt);
    const asked = await ask(
      request,
      askingOf(config, config.expectedStatus, {
        judgesStatus: attempt.wants('STATUS'),
        keepsBody: attempt.wants('BODY'),
      }),
      {},
      attempt,
    );
    attempt.measured('total', performance.now() - startedAt);
    if (asked.fault !== undefined) {
      return { status: 'unhealthy', reason: asked.fault, statusCode: asked.answer.status };
    }
    return successOf(asked.answer, attempt);
  },
};
