import { type Alert, type RuleRecord, rulePrefixOf } from '../alerting/index.ts';

/**
 * Whose alerts join one incident. By deployment where the rule says nothing else; what belongs to no deployment is joined
 * by rule and source. `parentGroup` is the group of the incident in which the parent check fires: trouble of a child has
 * the same cause, so that it joins there, whatever its rule or deployment.
 */
export const groupKeyOf = (
  rule: { readonly id: string; readonly definition: Pick<RuleRecord['definition'], 'groupBy'> },
  { subject }: Pick<Alert, 'subject'>,
  parentGroup?: string | undefined,
): string => {
  if (parentGroup !== undefined) return parentGroup;
  const { groupBy } = rule.definition;
  if (groupBy === 'subject') return `subject:${subject.key}`;
  if (groupBy === 'rule') return `rule:${rule.id}`;
  if (subject.deploymentId !== null) return `deployment:${subject.deploymentId}`;
  return `rule:${rule.id}:${subject.labels.source ?? ''}`;
};

/**
 * To which deployment an incident belongs, and so who may see it. A group over all deployments belongs to none: a token
 * that reaches the first one's only must not see the others'.
 */
export const deploymentOfGroup = (groupKey: string, deploymentId: string | null): string | null =>
  groupKey.startsWith(`rule:${rulePrefixOf(null)}`) ? null : deploymentId;
