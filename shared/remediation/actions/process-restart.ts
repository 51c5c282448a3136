import type { RunningProcess } from '../../platform/running-process.ts';
import { type Action, ActionRefused } from './action.ts';

/** Nulls: it does not run, or has no pid file. */
type Before = {
  readonly pid: number | null;
  readonly startedAt: string | null;
  readonly hasPidFile: boolean;
};

const imageOf = (found: RunningProcess | undefined, hasPidFile: boolean): Before => ({
  pid: found?.pid ?? null,
  startedAt: found?.startedAt ?? null,
  hasPidFile,
});

/** Restarts a process of this machine, one that the setting `processes` names, by the command that stands there. */
export const processRestart: Action = {
  resourceTypes: ['process'],
  verbs: ['restart'],
  params: (z) => z.strictObject({}),
  async read(ports, { id }) {
    const processes = await ports.processes();
    const known = processes.known(id);
    if (!known) {
      throw new ActionRefused(
        `no process ${id} stands in "processes" of the configuration: name it there with its restart command`,
      );
    }
    const before = imageOf(await processes.running(id), known.pidFile !== undefined);
    return { before, permissions: [] };
  },
  propose(image, { id }) {
    const { pid, hasPidFile } = image as Before;
    const now = pid !== null ? `runs as ${pid}` : hasPidFile ? 'does not run' : 'has no pid file';
    return {
      expected: { isRunning: true },
      summary: `Restart the process ${id}, which ${now}. What it held in memory is lost.`,
      risk: 'low',
    };
  },
  async apply(ports, { resource: { id } }, keep) {
    const processes = await ports.processes();
    const found = await processes.running(id);
    await processes.restart(id);
    keep({ pid: found?.pid ?? null, startedAt: found?.startedAt ?? null });
  },
  async verify(ports, { resource: { id }, before }, _appliedAt, receipt) {
    const { hasPidFile, ...planned } = before as Before;
    if (!hasPidFile) {
      const reason = `the restart command of ${id} ended well; without a pid file only the checks tell more`;
      return { state: 'verified', reason, after: { isRunning: null } };
    }
    const earlier = (receipt ?? planned) as Pick<Before, 'pid' | 'startedAt'>;
    const found = await (await ports.processes()).running(id);
    if (!found) return { state: 'pending', reason: `${id} does not run`, after: { isRunning: false } };
    const after = { isRunning: true, pid: found.pid };
    const isNew = found.pid !== earlier.pid || found.startedAt !== earlier.startedAt;
    return isNew
      ? { state: 'verified', reason: `${id} runs as ${found.pid}`, after }
      : { state: 'pending', reason: `${id} still runs as ${found.pid}, as before`, after };
  },
};
