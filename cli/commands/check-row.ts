import type { CheckView } from '../../shared/health/api.ts';
import { type Cell, type Colour, printable } from '../output.ts';
import { ago, cut } from './columns.ts';

/** To the API a check that nobody looks at is unknown; people are told why. */
export type ShownStatus = CheckView['status'] | 'paused';

/** Worst first. */
export const order = [
  'unhealthy',
  'degraded',
  'unknown',
  'healthy',
  'paused',
] as const satisfies readonly ShownStatus[];

export const looks: {
  readonly [S in ShownStatus]: { readonly sign: string; readonly colour: Colour };
} = {
  unhealthy: { sign: '✕', colour: 'red' },
  degraded: { sign: '!', colour: 'yellow' },
  unknown: { sign: '?', colour: 'grey' },
  healthy: { sign: '✓', colour: 'green' },
  paused: { sign: '–', colour: 'grey' },
};

export const titleOf = ({ deploymentId, name }: Pick<CheckView, 'deploymentId' | 'name'>): string =>
  `${deploymentId}/${name}`;

export const isRunning = ({ isActive, isPaused }: CheckView): boolean => isActive && !isPaused;

export const shownStatusOf = (check: CheckView): ShownStatus => (isRunning(check) ? check.status : 'paused');

export const headings = ['STATUS', 'CHECK', 'TARGET', 'RESPONSE', 'CHECKED', 'REASON'];

export const rowOf = (check: CheckView, now: number): readonly Cell[] => {
  const status = shownStatusOf(check);
  const { sign, colour } = looks[status];
  return [
    { text: `${sign} ${status}`, colour },
    { text: cut(printable(titleOf(check)), 50) },
    { text: cut(printable(targetOf(check)), 60) },
    { text: check.responseTime === null ? '–' : milliseconds(check.responseTime) },
    { text: check.lastChecked === null ? 'not yet' : ago(check.lastChecked, now) },
    { text: status === 'paused' ? '' : cut(printable(check.reason ?? ''), 120) },
  ];
};

/** Kinds without a target of their own give their name for one. */
const targetOf = ({ type, target }: CheckView): string => (target === type ? type : `${type} ${target}`);

export const milliseconds = (amount: number): string =>
  amount < 1000 ? `${Math.round(amount)} ms` : `${(amount / 1000).toFixed(2)} s`;
