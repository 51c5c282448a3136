import { checksPath } from '../../shared/configuration/index.ts';
import type { CheckView } from '../../shared/health/api.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError, exitCodes } from '../failure.ts';
import { type Cell, type Colour, printable, say, sayJson, table } from '../output.ts';
import { plural } from './validate.ts';

export type StatusOptions = ConnectionOptions & { readonly deployment?: string; readonly json?: boolean };

const order = [
  'unhealthy',
  'degraded',
  'unknown',
  'healthy',
] as const satisfies readonly CheckView['status'][];
const looks: Readonly<Record<CheckView['status'], { readonly sign: string; readonly colour: Colour }>> = {
  unhealthy: { sign: '✕', colour: 'red' },
  degraded: { sign: '!', colour: 'yellow' },
  unknown: { sign: '?', colour: 'grey' },
  healthy: { sign: '✓', colour: 'green' },
};

/** Worst first. Ends with 0 when every active check is healthy, else with 2; paused checks do not count. */
export const status = async (options: StatusOptions): Promise<void> => {
  const checks = await connect(options).list<CheckView>(checksPath, { deploymentId: options.deployment });
  // A mistyped name must not pass for a deployment in which everything is well.
  if (checks.length === 0 && options.deployment !== undefined) {
    throw new CommandError(
      `There is no check of ${options.deployment}. «homeostat status» lists what the token reaches.`,
    );
  }
  const sorted = checks.sort(
    (left, right) =>
      order.indexOf(left.status) - order.indexOf(right.status) || titleOf(left).localeCompare(titleOf(right)),
  );
  if (options.json) sayJson(sorted);
  else if (sorted.length === 0)
    say('Nothing is watched yet. Write checks into homeostat.yaml and run «homeostat apply».');
  else {
    const headings = ['STATUS', 'CHECK', 'TARGET', 'RESPONSE', 'CHECKED', 'REASON'];
    say(
      table(
        headings,
        sorted.map((check) => rowOf(check, Date.now())),
      ),
    );
    say();
    say(`${plural(sorted.length, 'check')}: ${countsOf(sorted)}.`);
  }
  const bad = sorted.some((check) => check.isActive && check.status !== 'healthy');
  process.exitCode = bad ? exitCodes.different : exitCodes.done;
};

const titleOf = ({ deploymentId, name }: CheckView): string => `${deploymentId}/${name}`;

const countsOf = (checks: readonly CheckView[]): string =>
  order
    .map((name) => ({ name, count: checks.filter((check) => check.status === name).length }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`)
    .join(', ');

/** A terminal is not wide; the whole is in --json. */
const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

const rowOf = (check: CheckView, now: number): readonly Cell[] => {
  const { sign, colour } = looks[check.status];
  return [
    { text: `${sign} ${check.isActive ? check.status : 'paused'}`, colour },
    { text: cut(printable(titleOf(check)), 50) },
    { text: cut(printable(`${check.type} ${check.target}`), 60) },
    { text: check.responseTime === null ? '–' : duration(check.responseTime) },
    { text: check.lastChecked === null ? 'not yet' : age(now - Date.parse(check.lastChecked)) },
    { text: cut(printable(check.reason ?? ''), 120) },
  ];
};

const duration = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;

const age = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 172_800
    ? `${Math.floor(seconds / 3600)} h ago`
    : `${Math.floor(seconds / 86_400)} days ago`;
};
