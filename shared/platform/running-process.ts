/** A process of this machine. `startedAt` is the kernel's own word for when it started: a pid may be given again. */
export type RunningProcess = { readonly pid: number; readonly startedAt: string };

/** The process that a file names; undefined: no file, no number in it, or no such process. */
export const processInFile = async (pidFile: string): Promise<RunningProcess | undefined> => {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(pidFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const [, digits] = /^\s*(\d{1,10})\b/.exec(text) ?? [];
  const pid = Number(digits ?? 0);
  // 0 and 1 mean a whole group and the machine itself.
  if (pid <= 1) return undefined;
  const startedAt = process.platform === 'linux' ? await startOnLinux(pid) : await startElsewhere(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
};

/** Field 22 of `/proc/<pid>/stat`: ticks since boot. Undefined for one that is not there, or is dead and only not collected. */
const startOnLinux = async (pid: number): Promise<string | undefined> => {
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return stat === '' || state === 'Z' || state === 'X' ? undefined : fields[19];
};

const startElsewhere = async (pid: number): Promise<string | undefined> => {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'lstart=', '-p', `${pid}`], { timeout: 5_000 }, (error, stdout) => {
      const said = stdout.trim();
      resolve(error || said === '' ? undefined : said);
    });
  });
};
