import { setTimeout as pause } from 'node:timers/promises';
import { type ApiClient, checksPath, UnreachableError } from '../../shared/configuration/index.ts';
import type { CheckView } from '../../shared/health/api.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError, exitCodes } from '../failure.ts';
import { paint, printable, say, sayJson, table } from '../output.ts';
import { headings, isRunning, order, rowOf, shownStatusOf, titleOf } from './check-row.ts';
import { plural } from './validate.ts';

export type StatusOptions = ConnectionOptions & {
  readonly deployment?: string;
  readonly json?: boolean;
  readonly watch?: boolean;
};

/** Worst first. Ends with 0 when every active check is healthy, else with 2; paused checks do not count. */
export const status = async (options: StatusOptions): Promise<void> => {
  if (options.watch && options.json) {
    throw new CommandError('Give --watch or --json, not both: --watch draws on a terminal.');
  }
  const client = connect(options);
  const sorted = await readChecks(client, options.deployment);
  if (options.watch) return watch(client, sorted, options.deployment);
  if (options.json) sayJson(sorted);
  else for (const line of linesFor(sorted, Date.now())) say(line);
  const bad = sorted.some((check) => isRunning(check) && check.status !== 'healthy');
  process.exitCode = bad ? exitCodes.different : exitCodes.done;
};

const readChecks = async (client: ApiClient, deployment: string | undefined): Promise<CheckView[]> => {
  const checks = await client.list<CheckView>(checksPath, { deploymentId: deployment });
  // A mistyped name must not pass for a deployment in which everything is well.
  if (checks.length === 0 && deployment !== undefined) {
    throw new CommandError(
      `There is no check of ${deployment}. «homeostat status» lists what the token reaches.`,
    );
  }
  return checks.sort(
    (left, right) =>
      order.indexOf(shownStatusOf(left)) - order.indexOf(shownStatusOf(right)) ||
      titleOf(left).localeCompare(titleOf(right)),
  );
};

const linesFor = (sorted: readonly CheckView[], now: number): readonly string[] =>
  sorted.length === 0
    ? ['Nothing is watched yet. Write checks into homeostat.yaml and run «homeostat apply».']
    : [
        table(
          headings,
          sorted.map((check) => rowOf(check, now)),
        ),
        '',
        `${plural(sorted.length, 'check')}: ${countsOf(sorted)}.`,
      ];

const countsOf = (checks: readonly CheckView[]): string =>
  order
    .map((name) => ({ name, count: checks.filter((check) => shownStatusOf(check) === name).length }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`)
    .join(', ');

const everyMs = 2000;
const clearAll = '\u001b[H\u001b[2J\u001b[3J';

/** Draws the same again and again, until Ctrl-C. An outage of the API is said, and the last that was known stays. */
const watch = async (client: ApiClient, first: CheckView[], deployment?: string): Promise<void> => {
  let known = first;
  let trouble = '';
  for (;;) {
    const now = Date.now();
    const lines = fitting(linesFor(known, now).join('\n').split('\n'), process.stdout.rows);
    const foot =
      trouble === ''
        ? paint('grey', `${new Date(now).toLocaleTimeString()} · Ctrl-C ends`)
        : paint('red', trouble);
    process.stdout.write(`${process.stdout.isTTY ? clearAll : ''}${lines.join('\n')}\n${foot}\n`);
    await pause(everyMs);
    try {
      known = await readChecks(client, deployment);
      trouble = '';
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      trouble = `${printable(error.message)} What stands above is old.`;
    }
  }
};

/** What is worst stands on top, so a short terminal loses what is well. */
const fitting = (lines: readonly string[], rows: number | undefined): readonly string[] => {
  const room = (rows ?? Number.POSITIVE_INFINITY) - 2;
  if (lines.length <= room) return lines;
  const [last = ''] = lines.slice(-1);
  const kept = Math.max(1, room - 2);
  return [...lines.slice(0, kept), paint('grey', `… ${lines.length - kept - 2} more lines`), last];
};
