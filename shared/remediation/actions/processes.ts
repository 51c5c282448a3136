import { NeverSent } from '../../platform/aws/actions/outcome.ts';
import { runCommand } from '../../platform/run-command.ts';
import { processInFile, type RunningProcess } from '../../platform/running-process.ts';
import { type BeyondAwsWorld, required } from './beyond-aws.ts';

/** One of the setting `processes`. */
export type KnownProcess = {
  /** Program and arguments; it ends when the process was restarted. */
  readonly restart: readonly string[];
  readonly cwd?: string | undefined;
  /** Where the process writes its pid. */
  readonly pidFile?: string | undefined;
};

export interface ProcessPort {
  /** Undefined: the setting names no such process. */
  known(name: string): KnownProcess | undefined;
  /** What its pid file says; undefined: it does not run, or has no pid file. */
  running(name: string): Promise<RunningProcess | undefined>;
  /** Runs its restart command. */
  restart(name: string): Promise<void>;
}

/** A command that takes longer hangs. */
const restartMs = 30_000;

/** Only what the setting names is ever started, and only on one machine. */
export const openProcesses = (world: BeyondAwsWorld): ProcessPort => {
  const { processes, insideLambda } = required(world, 'processes of this machine');
  if (insideLambda) {
    throw new NeverSent(
      'a deployed stack has no processes of its own: processes are restarted by `npm start`',
    );
  }
  const all = parsedProcesses(processes);
  const known = (name: string) => (Object.hasOwn(all, name) ? all[name] : undefined);
  return {
    known,
    running: async (name) => {
      const { pidFile } = known(name) ?? {};
      return pidFile === undefined ? undefined : processInFile(pidFile);
    },
    restart: async (name) => {
      const found = known(name);
      const call = { service: 'process', operation: `restart ${name}`, kind: 'change' } as const;
      await world.calls.make(
        call,
        async () => {
          if (!found) throw new NeverSent(`no process ${name} stands in the setting processes`);
          return restarted(name, found, world.calls.signal);
        },
        (output) => output.slice(-300) || 'done',
      );
    },
  };
};

const restarted = async (
  name: string,
  { restart, cwd }: KnownProcess,
  signal: AbortSignal,
): Promise<string> => {
  const end = await runCommand(restart, { cwd, timeoutMs: restartMs, signal }).catch((error: Error) => {
    throw new NeverSent(`${restart[0]} could not be started: ${error.message}`, { cause: error });
  });
  if (end.code === 0) return end.output;
  const how = end.isLate
    ? `did not end within ${restartMs / 1000} s and was ended (it must come back by itself, as «systemctl restart» does)`
    : `ended with ${end.code === undefined ? `the signal ${end.signal}` : `code ${end.code}`}`;
  // A command that failed may have stopped the process already.
  throw new Error(`the restart of ${name} ${how}: ${end.output.slice(-300) || 'it wrote nothing'}`);
};

/** The setting as it is: the local host checked it when it started. */
export const parsedProcesses = (setting: string): Readonly<Record<string, KnownProcess>> => {
  const value: unknown = JSON.parse(setting || '{}');
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value as Record<string, KnownProcess>).filter(
      ([, one]) => Array.isArray(one?.restart) && one.restart.every((part) => typeof part === 'string'),
    ),
  );
};
