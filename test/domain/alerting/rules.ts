import { ruleDefinitionSchema } from '../../../shared/alerting/model.ts';
import { resolveRule } from '../../../shared/alerting/resolve.ts';
import { type RuleDefinition, type RuleRecord, ruleIdOf } from '../../../shared/alerting/rule.ts';
import type { Point, Series } from '../../../shared/alerting/series.ts';
import type { Subject } from '../../../shared/alerting/subject.ts';
import { typeOf } from '../../../shared/alerting/types/registry.ts';
import type { Reading, Seen } from '../../../shared/alerting/types/type.ts';

/** 2026-01-31T12:00:00Z. */
export const noon = 1_769_860_800_000;
/** Seconds after noon. */
export const at = (seconds: number): number => noon + seconds * 1000;

/** A rule as people write it, through the schema. */
export const definitionOf = (written: Readonly<Record<string, unknown>>): RuleDefinition =>
  resolveRule(ruleDefinitionSchema.parse({ name: 'a rule', deploymentId: 'shop', ...written }));

export const recordOf = (written: Readonly<Record<string, unknown>>): RuleRecord => {
  const definition = definitionOf(written);
  return {
    id: ruleIdOf(definition.deploymentId, definition.name),
    definition,
    revision: 1,
    managedBy: 'api',
    createdAt: noon,
    updatedAt: noon,
  };
};

export const checkSubject = (
  name = 'home',
  { deployment = 'shop', type = 'http', tags = {} as Readonly<Record<string, string>> } = {},
): Subject => ({
  key: `check:${deployment}/${name}`,
  deploymentId: deployment,
  name,
  labels: {
    deployment,
    check: name,
    type,
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`tag.${key}`, value])),
  },
  checkId: `${deployment}/${name}`,
});

/** Points at these seconds after noon. */
export const pointsAt = (points: Readonly<Record<number, number>>): readonly Point[] =>
  Object.entries(points)
    .map(([second, value]) => ({ at: at(Number(second)), value }))
    .sort((left, right) => left.at - right.at);

/** One value every interval, the last one at noon. */
export const pointsUntilNoon = (values: readonly number[], intervalSeconds = 60): readonly Point[] =>
  values.map((value, index) => ({ at: at((index - values.length + 1) * intervalSeconds), value }));

export const seriesOf = (
  points: readonly Point[],
  { subject = checkSubject(), intervalSeconds = 60, since = at(-86_400) } = {},
): Series => ({ subject, points, intervalSeconds, since });

/** What the rule's type makes of it, at noon unless said otherwise. */
export const judged = async (
  rule: RuleDefinition,
  seen: Partial<Seen>,
  now = noon,
): Promise<readonly Reading[]> =>
  typeOf(rule.type).judge({ rule, now }, { series: [], statuses: [], rules: [], ...seen });
