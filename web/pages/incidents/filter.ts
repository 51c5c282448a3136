import type { Incident } from './words.ts';

export type Tab = 'active' | 'resolved' | 'all';
export type Filter = {
  readonly tab: Tab;
  readonly severity: Incident['severity'] | '';
  readonly deploymentId: string;
  readonly text: string;
};

export const tabs: readonly { readonly name: Tab; readonly title: string }[] = [
  { name: 'active', title: 'Active' },
  { name: 'resolved', title: 'Resolved' },
  { name: 'all', title: 'All' },
];
/** The worst first. */
export const severities = ['critical', 'error', 'warning', 'info'] as const satisfies Incident['severity'][];

/** From the query of an address such as `#/incidents?tab=all&severity=critical&deployment=shop&q=down`. */
export const filterFrom = (query: Readonly<Record<string, string>>): Filter => ({
  tab: tabs.find(({ name }) => name === query.tab)?.name ?? 'active',
  severity: severities.find((severity) => severity === query.severity) ?? '',
  deploymentId: query.deployment ?? '',
  text: query.q ?? '',
});

export const isNarrowed = ({ severity, deploymentId, text }: Filter): boolean =>
  severity !== '' || deploymentId !== '' || text.trim() !== '';

/** Whether a person who typed `text` means it: each word stands somewhere in it. */
export const isMeant = (
  {
    title,
    deploymentId,
    acknowledgedBy,
    id,
  }: Pick<Incident, 'title' | 'deploymentId' | 'acknowledgedBy' | 'id'>,
  text: string,
): boolean => {
  const told = `${title} ${deploymentId ?? ''} ${acknowledgedBy ?? ''} ${id}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => told.includes(word));
};

/** What nobody has first, then the worst, then the newest. */
export const byUrgency = (
  left: Pick<Incident, 'status' | 'severity' | 'openedAt'>,
  right: Pick<Incident, 'status' | 'severity' | 'openedAt'>,
): number =>
  Number(left.status !== 'open') - Number(right.status !== 'open') ||
  severities.indexOf(left.severity) - severities.indexOf(right.severity) ||
  right.openedAt.localeCompare(left.openedAt);
