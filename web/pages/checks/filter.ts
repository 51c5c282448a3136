import type { AddressQuery } from '../../client/address-query.ts';
import { type Check, type ShownStatus, shownStatus } from '../../client/checks.ts';

/** The worst first; what nobody knows is worse than what is well. */
export const statusOrder = ['unhealthy', 'degraded', 'unknown', 'paused', 'healthy'] as const;

export const sortNames = ['status', 'name', 'deployment', 'response', 'checked'] as const;
export type SortName = (typeof sortNames)[number];
export type Sort = { readonly by: SortName; readonly isReversed: boolean };

export type Filter = {
  /** Each of its words is somewhere in name, target, deployment, type or tags. */
  readonly words: string;
  readonly status: ShownStatus | 'all';
  readonly deployment: string;
  readonly type: string;
  /** `name:value`. */
  readonly tag: string;
  readonly managedBy: string;
};

const statusFrom = (text: string | undefined): Filter['status'] =>
  statusOrder.find((status) => status === text) ?? 'all';

/** What the address asks for; what it does not know is left out of account. */
export const filterFrom = (query: AddressQuery): Filter => ({
  words: query.q ?? '',
  status: statusFrom(query.status),
  deployment: query.deployment ?? '',
  type: query.type ?? '',
  tag: query.tag ?? '',
  managedBy: query.managedBy ?? '',
});

/** `sort=name`, and `sort=-name` the other way round. */
export const sortFrom = (query: AddressQuery): Sort => {
  const text = query.sort ?? '';
  const isReversed = text.startsWith('-');
  const by = sortNames.find((name) => name === (isReversed ? text.slice(1) : text));
  return by === undefined ? { by: 'status', isReversed: false } : { by, isReversed };
};

export const sortText = ({ by, isReversed }: Sort): string | undefined =>
  by === 'status' && !isReversed ? undefined : `${isReversed ? '-' : ''}${by}`;

export const tagsOf = ({ tags }: Pick<Check, 'tags'>): readonly string[] =>
  Object.entries(tags).map(([name, value]) => `${name}:${value}`);

const textOf = (check: Check): string => {
  const { name, target, deploymentId, type } = check;
  return [name, target, deploymentId, type, ...tagsOf(check)].join('\n').toLowerCase();
};

/** Whether a check passes everything but the status: the buttons of each status count these. */
const passesBut = (filter: Filter) => {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  return (check: Check): boolean =>
    (filter.deployment === '' || check.deploymentId === filter.deployment) &&
    (filter.type === '' || check.type === filter.type) &&
    (filter.managedBy === '' || check.managedBy === filter.managedBy) &&
    (filter.tag === '' || tagsOf(check).includes(filter.tag)) &&
    (words.length === 0 || hasAll(textOf(check), words));
};

const hasAll = (text: string, words: readonly string[]): boolean =>
  words.every((word) => text.includes(word));

export type StatusCounts = Readonly<Record<ShownStatus | 'all', number>>;

export const countByStatus = (checks: readonly Check[]): StatusCounts => {
  const counts = { all: checks.length, unhealthy: 0, degraded: 0, unknown: 0, paused: 0, healthy: 0 };
  for (const check of checks) counts[shownStatus(check)]++;
  return counts;
};

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const rankOf = (check: Check): number => statusOrder.indexOf(shownStatus(check));

/** The newest trouble first; what never stood otherwise last. */
const newestSince = (left: Check, right: Check): number =>
  (right.statusSince ?? '') < (left.statusSince ?? '') ? -1 : left.statusSince === right.statusSince ? 0 : 1;

const nullsLast = <T>(left: T | null, right: T | null, compare: (left: T, right: T) => number): number =>
  left === null || right === null ? Number(left === null) - Number(right === null) : compare(left, right);

const isWrong = ({ status, isPaused }: Check): boolean =>
  !isPaused && (status === 'unhealthy' || status === 'degraded');

type Compare = (left: Check, right: Check) => number;
const naturally: Readonly<Record<SortName, Compare>> = {
  status: (left, right) =>
    rankOf(left) - rankOf(right) || (isWrong(left) && isWrong(right) ? newestSince(left, right) : 0),
  name: (left, right) => collator.compare(left.name, right.name),
  deployment: (left, right) => collator.compare(left.deploymentId, right.deploymentId),
  response: (left, right) => nullsLast(left.responseTime, right.responseTime, (one, other) => other - one),
  checked: (left, right) =>
    nullsLast(left.lastChecked, right.lastChecked, (one, other) => (one < other ? 1 : one > other ? -1 : 0)),
};

/** In the order of the field; what is equal in it by deployment, name and id, so that no row jumps. */
const comparing = ({ by, isReversed }: Sort): Compare => {
  const sign = isReversed ? -1 : 1;
  return (left, right) =>
    sign * naturally[by](left, right) ||
    naturally.deployment(left, right) ||
    naturally.name(left, right) ||
    (left.id < right.id ? -1 : 1);
};

export type Found = { readonly shown: readonly Check[]; readonly counts: StatusCounts };

export const findChecks = (checks: readonly Check[], filter: Filter, sort: Sort): Found => {
  const passing = checks.filter(passesBut(filter));
  const shown =
    filter.status === 'all' ? passing : passing.filter((check) => shownStatus(check) === filter.status);
  return { shown: shown.toSorted(comparing(sort)), counts: countByStatus(passing) };
};

export type Choices = {
  readonly deployments: readonly string[];
  readonly types: readonly string[];
  readonly tags: readonly string[];
};

/** What the filters can be set to: all that some check has. */
export const choicesOf = (checks: readonly Check[]): Choices => {
  const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort(collator.compare);
  return {
    deployments: distinct(checks.map(({ deploymentId }) => deploymentId)),
    types: distinct(checks.map(({ type }) => type)),
    tags: distinct(checks.flatMap(tagsOf)),
  };
};

/** What narrows the list beside the status, in words: `deployment web-shop`. */
export const narrowings = (filter: Filter): readonly string[] =>
  [
    filter.words && `«${filter.words}»`,
    filter.status !== 'all' && filter.status,
    filter.deployment && `deployment ${filter.deployment}`,
    filter.type && `type ${filter.type}`,
    filter.tag && `tag ${filter.tag}`,
    filter.managedBy && (filter.managedBy === 'file' ? 'from the file' : 'made in the console or by the API'),
  ].filter((text): text is string => Boolean(text));
