import type { Schemas } from '../../client/operations.ts';
import type { Matcher } from '../../components/matcher-text.ts';

export type Silence = Schemas['Silence'];
export type Standing = Silence['state'];

export const tabs: readonly { readonly name: Standing; readonly title: string }[] = [
  { name: 'active', title: 'Active' },
  { name: 'waiting', title: 'To come' },
  { name: 'ended', title: 'Ended' },
];

/** How it stands by now, which may be later than when it was read. */
export const standingAt = (
  { startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>,
  now: number,
): Standing => {
  if (Date.parse(endsAt) <= now) return 'ended';
  return Date.parse(startsAt) <= now ? 'active' : 'waiting';
};

/** What ends next first; of what has ended, the last first. */
export const inOrder = (silences: readonly Silence[], standing: Standing): readonly Silence[] => {
  const key = (one: Silence): string => (standing === 'waiting' ? one.startsAt : one.endsAt);
  return [...silences].sort(
    (left, right) => key(left).localeCompare(key(right)) * (standing === 'ended' ? -1 : 1),
  );
};

/** `admin`, `token ops`, `the link in slack`. */
export const authorWords = (author: string): string => {
  if (author.startsWith('token:')) return `token ${author.slice(6)}`;
  if (author.startsWith('link:')) return `the link in ${author.slice(5)}`;
  return author;
};

/** A matcher as it is being typed. */
export type Draft = Matcher & { readonly key: number };

/** What a form begins with: a check of a deployment, a deployment, or one line to fill in. */
export const firstDrafts = (
  deploymentId: string | undefined,
  checkName: string | undefined,
): readonly Draft[] => {
  const drafts: Draft[] = [];
  if (deploymentId || !checkName) {
    drafts.push({ key: 0, label: 'deployment', operator: '=', value: deploymentId ?? '' });
  }
  if (checkName) drafts.push({ key: 1, label: 'check', operator: '=', value: checkName });
  return drafts;
};

export const matchersOf = (drafts: readonly Draft[]): readonly Matcher[] =>
  drafts.map(({ label, operator, value }) => ({ label: label.trim(), operator, value }));

type Labelled = Pick<Schemas['AlertEvent'], 'subject' | 'deploymentId' | 'ruleName' | 'type' | 'severity'>;

/** What silences go by, of an alert. */
export const labelsOf = ({
  subject,
  ruleName,
  type,
  severity,
}: Labelled): Readonly<Record<string, string>> => ({
  ...subject.labels,
  ...(subject.deploymentId !== null && { deployment: subject.deploymentId }),
  subject: subject.name,
  rule: ruleName,
  ruleType: type,
  severity,
});
