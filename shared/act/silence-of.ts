import { type Incident, type IncidentMember, labelsOf, type Matcher } from '../incidents/index.ts';

/**
 * What a silence from a link of an incident matches: as narrow as the incident is. One check: that check, whatever
 * rule; several of a deployment: the deployment; what is grouped by its rule: the rule.
 */
export const matchersFor = (
  { groupKey }: Pick<Incident, 'groupKey'>,
  members: readonly IncidentMember[],
): readonly Matcher[] => {
  const firing = members.filter(({ state }) => state === 'firing');
  const labels = (firing.length > 0 ? firing : members).map(labelsOf);
  const common = (label: string): Matcher[] => {
    const value = labels[0]?.[label];
    const isCommon = value !== undefined && value !== '' && labels.every((one) => one[label] === value);
    return isCommon ? [{ label, operator: '=', value }] : [];
  };
  const where = [...common('deployment'), ...common('source')];
  const check = common('check');
  if (check.length > 0) return [...where, ...check];
  if (groupKey.startsWith('deployment:') && where.length > 0) return where;
  const narrow = [...where, ...common('rule'), ...common('subject')];
  return narrow.length > 0 ? narrow : where;
};
