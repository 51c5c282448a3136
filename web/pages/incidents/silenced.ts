import { type Matcher, matcherOf } from '../../components/matcher-text.ts';
import type { MemberAlert } from './words.ts';

type Alert = Pick<MemberAlert, 'state' | 'ruleName' | 'subject'>;

/** What a silence of an incident may cover. */
export type Coverage = {
  readonly name: 'subjects' | 'deployment' | 'rules';
  readonly title: string;
  readonly matchers: readonly Matcher[];
};

/** The API takes values of at most so many characters. */
const longestValue = 400;

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** The deployments they belong to; none where an alert belongs to none, for it would not be covered. */
const deploymentsOf = (alerts: readonly Alert[]): readonly string[] => {
  const ids = alerts.map(({ subject }) => subject.deploymentId);
  return ids.includes(null) ? [] : distinct(ids.filter((id) => id !== null));
};

/**
 * What may be silenced because of these alerts, the narrowest first: what they are about, their rules, their deployments.
 * Of those that fire; of all, where none fires any more. What the API could not take is not offered.
 */
export const coveragesOf = (alerts: readonly Alert[]): readonly Coverage[] => {
  const firing = alerts.filter(({ state }) => state === 'firing');
  const meant = firing.length > 0 ? firing : alerts;
  if (meant.length === 0) return [];
  const homes = deploymentsOf(meant);
  const home = homes.length > 0 ? [matcherOf('deployment', homes)] : [];
  const areChecks = meant.every(({ subject }) => subject.labels.check !== undefined);
  const subjects = distinct(
    meant.map(({ subject }) => (areChecks ? (subject.labels.check ?? '') : subject.name)),
  );
  const rules = distinct(meant.map(({ ruleName }) => ruleName));
  const offered: readonly Coverage[] = [
    {
      name: 'subjects',
      title: areChecks
        ? `What is wrong here: ${plural(subjects.length, 'check')}`
        : 'What is wrong here, and nothing else',
      matchers: [...home, matcherOf(areChecks ? 'check' : 'subject', subjects)],
    },
    {
      name: 'rules',
      title: `By rule: ${rules.join(', ')}`,
      matchers: [...home, matcherOf('rule', rules)],
    },
    ...(home.length > 0
      ? [{ name: 'deployment' as const, title: `Everything of ${homes.join(', ')}`, matchers: home }]
      : []),
  ];
  return offered.filter(({ matchers }) => matchers.every(({ value }) => value.length <= longestValue));
};
