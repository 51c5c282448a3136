import type { Schemas } from '../../client/operations.ts';

export type Rule = Schemas['Rule'];

/** These look at events or run a function of the team's: the past cannot be judged again. */
export const isTriable = ({ type }: Pick<Rule, 'type'>): boolean => type !== 'finding' && type !== 'external';

/** The fields that a person writes, as a body of `replaceRule` takes them. */
export const ruleBodyOf = (rule: Rule): Record<string, unknown> => {
  const {
    id: _id,
    managedBy: _managedBy,
    revision: _revision,
    lastTriggered: _lastTriggered,
    createdAt: _createdAt,
    updatedAt: _updatedAt,
    ...written
  } = rule;
  return { ...written, deploymentId: rule.deploymentId ?? '*' };
};
