import type * as Zod from 'zod';
import type { RuleDefinition } from '../rule.ts';
import type { Selector, Series } from '../series.ts';
import type { Subject } from '../subject.ts';

/** Which checks a condition is about, as it is written in it. */
export type Selection = {
  readonly checks?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
};

/** What a verdict is about: each check alone, or all selected ones of a deployment, or of the rule, taken together. */
export const scopes = ['check', 'deployment', 'rule'] as const;
export type Scope = (typeof scopes)[number];

export const selectionFields = (z: typeof Zod) => {
  const name = z.string().min(1, 'Give a name.').max(200, 'Give at most 200 characters.');
  const names = z.array(name).min(1, 'Name at least one, or leave it out for all.').max(50);
  return {
    checks: names.optional().meta({ description: 'Names of checks; all when left out.' }),
    kinds: names.optional().meta({ description: 'Kinds of checks, such as http; all when left out.' }),
    tags: z
      .record(name, z.string().max(200))
      .optional()
      .meta({ description: 'Each must be there with this value.' }),
  };
};

export const scopeField = (z: typeof Zod) =>
  z
    .enum(scopes, { error: `Give one of ${scopes.join(', ')}.` })
    .default('check')
    .meta({
      description:
        'What a verdict is about: each check alone, or all selected checks of a deployment, or of the rule, taken together.',
    });

export const selectorOf = (rule: RuleDefinition, { checks, kinds, tags }: Selection): Selector => ({
  deploymentId: rule.deploymentId,
  ...(checks && { checks }),
  ...(kinds && { kinds }),
  ...(tags && { tags }),
});

/** Whether a selector means a check, by its labels. */
export const isSelected = (selector: Selector, subject: Subject): boolean => {
  const { deploymentId, checks, kinds, tags = {} } = selector;
  if (deploymentId !== null && subject.deploymentId !== deploymentId) return false;
  if (checks && !checks.includes(subject.labels.check ?? subject.name)) return false;
  if (kinds && !kinds.includes(subject.labels.type ?? '')) return false;
  return Object.entries(tags).every(([name, value]) => subject.labels[`tag.${name}`] === value);
};

export const deploymentSubject = (deploymentId: string): Subject => ({
  key: `deployment:${deploymentId}`,
  deploymentId,
  name: deploymentId,
  labels: { deployment: deploymentId },
});

export const ruleSubject = ({ deploymentId, name }: RuleDefinition): Subject => ({
  key: 'rule',
  deploymentId,
  name,
  labels: { ...(deploymentId !== null && { deployment: deploymentId }), rule: name },
});

/** The subject that something of `subject` counts for. */
export const subjectFor = (scope: Scope, rule: RuleDefinition, subject: Subject): Subject => {
  if (scope === 'check') return subject;
  return scope === 'deployment' && subject.deploymentId !== null
    ? deploymentSubject(subject.deploymentId)
    : ruleSubject(rule);
};

/** Several series as what they are about together, by subject key. */
export const gathered = (
  scope: Scope,
  rule: RuleDefinition,
  all: readonly Series[],
): ReadonlyMap<string, { readonly subject: Subject; readonly members: readonly Series[] }> => {
  const found = new Map<string, { subject: Subject; members: Series[] }>();
  for (const series of all) {
    const subject = subjectFor(scope, rule, series.subject);
    const there = found.get(subject.key);
    if (there) there.members.push(series);
    else found.set(subject.key, { subject, members: [series] });
  }
  return found;
};
