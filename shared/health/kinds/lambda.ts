import type { CheckKind, Verdict } from './kind.ts';

/** What a function may answer: a status, and a sentence when it is not healthy. */
const statuses = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;

/** A function's own words in our reasons; the whole of them stays in its log. */
const longestReason = 500;

/** A function of the team's own looks, and its answer is the status. */
export const lambda: CheckKind = {
  class: 'resource',
  placeholders: ['BODY', 'RESPONSE_TIME'],
  definition: (z) => ({
    target: z
      .string()
      .regex(/^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:)?[\w-]{1,64}(:[\w$-]{1,128})?$/, {
        error: 'Give the ARN or the name of a function that is listed in checkFunctions.',
      })
      .meta({ description: 'ARN or name of a function listed at deploy.' }),
    config: z.strictObject({}),
  }),

  async probe({ id, name, deploymentId, target }, attempt) {
    const startedAt = performance.now();
    const payload = { checkId: id, name, deploymentId };
    const answer = await attempt.ports.invoke(target, payload, attempt.signal);
    attempt.measured('total', performance.now() - startedAt);
    return verdictOf(answer, attempt.showBodies);
  },
};

const verdictOf = (answer: unknown, showBodies: boolean): Verdict => {
  const facts = { BODY: answer };
  const { status, reason } = (answer ?? {}) as { status?: unknown; reason?: unknown };
  const known = statuses.find((one) => one === status);
  if (!known) {
    const got = JSON.stringify(answer) ?? 'nothing';
    const shown = got.length > 100 ? `${got.slice(0, 100)}…` : got;
    const expected = `{"status": "healthy" | "degraded" | "unhealthy" | "unknown", "reason"?: "…"}`;
    const what = showBodies ? shown : 'something else';
    return { status: 'unhealthy', reason: `the function answered ${what}, expected ${expected}`, facts };
  }
  const told = typeof reason === 'string' && reason !== '' ? reason.slice(0, longestReason) : null;
  if (known === 'healthy') return { status: known, reason: null, facts };
  if (!showBodies) return { status: known, reason: `the function says ${known}`, facts };
  return { status: known, reason: told ?? `the function says ${known} and gives no reason`, facts };
};
