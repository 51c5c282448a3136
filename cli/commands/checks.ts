import { setTimeout as pause } from 'node:timers/promises';
import { type ApiClient, checksPath } from '../../shared/configuration/index.ts';
import type { CheckView } from '../../shared/health/api.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError, exitCodes } from '../failure.ts';
import { paint, printable, say, sayAside, sayJson } from '../output.ts';
import { looks, milliseconds, titleOf } from './check-row.ts';

export type CheckOptions = ConnectionOptions & { readonly deployment?: string; readonly json?: boolean };

/** By id, by `deployment/name`, or by a name that only one deployment uses. */
const findCheck = async (client: ApiClient, given: string, deployment?: string): Promise<CheckView> => {
  if (/^[0-9a-f]{24}$/.test(given)) return client.request<CheckView>('GET', `${checksPath}/${given}`);
  const checks = await client.list<CheckView>(checksPath, { deploymentId: deployment });
  const found = checks.filter((check) => check.name === given || titleOf(check) === given);
  const [check] = found;
  if (!check) {
    throw new CommandError(`There is no check «${given}». «homeostat status» lists what the token reaches.`);
  }
  if (found.length > 1) {
    throw new CommandError(
      `Several deployments have a check «${given}»: say which, ${found.map((one) => `«${titleOf(one)}»`).join(' or ')}.`,
    );
  }
  return check;
};

type Run = {
  readonly runId: string;
  readonly resultUrl: string;
};
type RunState = {
  readonly state: 'waiting' | 'done' | 'lost';
  readonly result: {
    readonly status: CheckView['status'];
    readonly at: string;
    readonly responseTime: number | null;
    readonly reason: string | null;
    readonly phases: Readonly<Record<string, number>>;
    readonly attempts: number;
  } | null;
};

const firstPauseMs = 250;
const longestPauseMs = 2000;

const resultOf = async (client: ApiClient, { resultUrl }: Run): Promise<RunState> => {
  for (let waitMs = firstPauseMs; ; waitMs = Math.min(waitMs * 1.5, longestPauseMs)) {
    const run = await client.request<RunState>('GET', resultUrl);
    if (run.state !== 'waiting') return run;
    await pause(waitMs);
  }
};

/** Runs a check once and waits for what it saw. Ends with 0 when that was a success, else with 2. */
export const runCheck = async (name: string, options: CheckOptions): Promise<void> => {
  const client = connect(options);
  const check = await findCheck(client, name, options.deployment);
  const asked = await client.request<Run>('POST', `${checksPath}/${check.id}/run`, { once: true });
  if (process.stderr.isTTY) sayAside(`${printable(titleOf(check))} is being looked at …`);
  const { state, result } = await resultOf(client, asked);
  if (state === 'lost' || !result) {
    throw new CommandError(
      `The run ${asked.runId} left no result: the runner did not come to it in time. Try again; if that does not help, look at the runner's log.`,
    );
  }
  if (options.json) sayJson(result);
  else {
    const { sign, colour } = looks[result.status];
    const reason = result.reason === null ? '' : `: ${printable(result.reason)}`;
    say(`${paint(colour, `${sign} ${result.status}`)}  ${printable(titleOf(check))}${reason}`);
    const phases = Object.entries(result.phases).map(([phase, ms]) => `${phase} ${milliseconds(ms)}`);
    if (phases.length > 0)
      say(`  ${phases.join(', ')}; ${result.attempts === 1 ? 'one attempt' : `${result.attempts} attempts`}`);
  }
  const isGood = result.status === 'healthy' || result.status === 'degraded';
  process.exitCode = isGood ? exitCodes.done : exitCodes.different;
};

const change =
  (verb: 'pause' | 'resume', said: string) =>
  async (name: string, options: CheckOptions): Promise<void> => {
    const client = connect(options);
    const check = await findCheck(client, name, options.deployment);
    const view = await client.request<CheckView>('POST', `${checksPath}/${check.id}/${verb}`);
    if (options.json) sayJson(view);
    else say(`${printable(titleOf(view))} ${said}`);
  };

export const pauseCheck = change('pause', 'is paused, until «homeostat checks resume».');
export const resumeCheck = change('resume', 'is looked at again.');
