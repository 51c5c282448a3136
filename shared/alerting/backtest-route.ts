import * as z from 'zod';
import { openHealthSight } from '../health/index.ts';
import type { Reach } from '../platform/api/caller.ts';
import { instant } from '../platform/api/fields.ts';
import { dayMs } from '../platform/api/period.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { backtestViewSchema, viewOfBacktest } from './answers.ts';
import { backtest } from './backtest.ts';
import { requireRuleReach } from './define.ts';
import { ruleIdSchema, ruleTrialSchema } from './model.ts';
import { withinPatience } from './patience.ts';
import { requireRule, rulesFor } from './registry.ts';
import { resolveRule } from './resolve.ts';
import { alertsPath } from './route-parts.ts';
import { type RuleRecord, ruleIdOf } from './rule.ts';

/** Hours of checks, the oldest that a backtest reads, are kept for so long. */
const mostDays = 40;
/** As often as rules are judged; a long period takes longer steps. */
const usualStepSeconds = 30;
/** The function has 20 s; the answer has to be made and sent, too. */
const patienceMs = 14_000;

const body = z
  .strictObject({
    rule: ruleTrialSchema.optional().meta({ description: 'A definition that is not saved.' }),
    ruleId: ruleIdSchema.optional().meta({ description: 'Or a rule that is there.' }),
    days: z
      .int()
      .min(1)
      .max(mostDays)
      .optional()
      .meta({ description: `Up to now, 1 to ${mostDays}; 1 when neither this nor \`from\` is given.` }),
    from: instant.optional(),
    to: instant.optional().meta({ description: 'Now when left out.' }),
  })
  .refine(({ rule, ruleId }) => (rule === undefined) !== (ruleId === undefined), {
    error: 'Give either `rule`, a definition, or `ruleId`.',
    path: ['rule'],
  })
  .refine(({ days, from, to }) => days === undefined || (from === undefined && to === undefined), {
    error: 'Give either `days`, or `from` and `to`.',
    path: ['days'],
  });
type Asked = z.output<typeof body>;

/** Which stretch of the past is looked at. Throws VALIDATION_ERROR. */
export const backtestPeriod = (
  { days = 1, from, to }: Pick<Asked, 'days' | 'from' | 'to'>,
  now: number,
): { readonly from: number; readonly to: number } => {
  const until = Math.min(to ?? now, now);
  const since = from ?? until - days * dayMs;
  const faults = [
    ...(since >= until ? [{ path: 'from', message: 'Give an instant before `to`, and before now.' }] : []),
    ...(since < now - mostDays * dayMs - dayMs
      ? [
          {
            path: 'from',
            message: `Give an instant at most ${mostDays} days ago: what is older is not kept.`,
          },
        ]
      : []),
  ];
  if (faults.length > 0) throw new DomainError('VALIDATION_ERROR', 'The period is not valid.', faults);
  return { from: since, to: until };
};

const ruleOf = async (world: ApiWorld, { rule, ruleId }: Asked, reach: Reach): Promise<RuleRecord> => {
  if (ruleId !== undefined) return (await requireRule(world.state, ruleId, reach)).record;
  if (rule === undefined) throw new Error('a body without a rule passed its schema');
  requireRuleReach(reach, rule.deploymentId);
  const definition = await named('rule', () => resolveRule(rule));
  const now = world.clock();
  return {
    id: ruleIdOf(definition.deploymentId, definition.name),
    definition,
    revision: 0,
    managedBy: 'api',
    createdAt: now,
    updatedAt: now,
  };
};

/** Faults of a part of the body, by their paths in the whole. */
const named = async <T>(part: string, work: () => T | Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'ALERT_ERROR') throw error;
    const faults = error.fields.map(({ path, message }) => ({
      path: path === '' ? part : `${part}.${path}`,
      message,
    }));
    throw new DomainError(error.code, error.message, faults);
  }
};

export const backtestRoute = defineRoute({
  id: 'backtestRule',
  function: 'api',
  method: 'POST',
  path: `${alertsPath}/backtest`,
  scope: 'read',
  summary: 'What a rule would have done',
  description:
    'Judges a rule, saved or not, over the past and tells when it would have fired. Nothing is written and nobody is told. Beyond the results that are kept (three days) there is a point an hour. A downtime goes by the thresholds that its checks have now. What takes longer than 14 seconds is refused: shorten the period then.',
  body,
  success: { status: 200, schema: backtestViewSchema },
  errors: ['NOT_FOUND', 'ALERT_ERROR', 'COLLECTION_ERROR'],
  async run({ body: asked, caller }, world) {
    const period = backtestPeriod(asked, world.clock());
    const rule = await ruleOf(world, asked, caller.deployments);
    const tested = await withinPatience(patienceMs, async (requireTime) => {
      const others = await rulesFor(world.state, rule.definition.deploymentId);
      const asking = { ...period, stepSeconds: usualStepSeconds, requireTime };
      const work = () => backtest(rule, openHealthSight(world), asking, others);
      return asked.rule === undefined ? work() : named('rule', work);
    });
    return { body: viewOfBacktest(tested, period) };
  },
});
