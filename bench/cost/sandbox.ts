import { fork } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type FunctionContract,
  type SettingName,
  settings,
} from '../../shared/platform/function/contract.ts';
import {
  environmentNameOf,
  optionalResources,
  type ResourceName,
  resources,
} from '../../shared/platform/resources.ts';

/** Lambda gives a function of 1,769 MB one whole core and others their share of it, in slices of 20 ms. */
const memoryOfOneCoreMb = 1769;
const sliceMicroseconds = 20_000;

export type Sandbox = {
  readonly initMs: number;
  /** Ms of the handler, as Lambda bills them: rounded up. Throws when the handler failed. */
  invoke(event: unknown): Promise<number>;
  /** Ms of the processor that the last invocation took. */
  cpuMs(): number;
  close(): void;
};

const addressOf = (name: ResourceName, url: string): string => {
  if (resources[name] === 'queue') return `${url}/000000000000/${name}`;
  return resources[name] === 'parameters' ? '/homeostat/bench/' : name;
};

const environmentOf = (contract: FunctionContract, url: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  HOMEOSTAT_ACCOUNT_ID: '123456789012',
  POWERTOOLS_SERVICE_NAME: contract.name,
  LOG_LEVEL: 'WARN',
  [settings.allowedPrivateRanges]: '127.0.0.0/8',
  [settings.publicUrl]: 'http://127.0.0.1',
  [settings.retentionDays]: '{"results":3}',
  ...Object.fromEntries(
    (Object.keys(contract.needs) as ResourceName[])
      .filter((name) => !(optionalResources as readonly string[]).includes(name))
      .map((name) => [environmentNameOf(name), addressOf(name, url)]),
  ),
  ...Object.fromEntries(
    (contract.settings ?? [])
      .filter((name: SettingName) => ['canaries', 'vpcCanaries', 'heartbeatUrl'].includes(name))
      .map((name: SettingName) => [settings[name], '']),
  ),
});

/** Where a CPU quota can be set: cgroup version 1 or 2, as root. Undefined where neither can be written. */
const quotaFolder = (name: string): { folder: string; set(share: number): void } | undefined => {
  const tries = [
    { root: '/sys/fs/cgroup/cpu', file: 'cpu.cfs_quota_us' },
    { root: '/sys/fs/cgroup', file: 'cpu.max' },
  ];
  for (const { root, file } of tries) {
    const folder = join(root, name);
    try {
      mkdirSync(folder, { recursive: true });
    } catch {
      continue;
    }
    if (!existsSync(join(folder, file))) {
      rmdirSync(folder);
      continue;
    }
    const set = (share: number) => {
      const quota = Math.round(sliceMicroseconds * share);
      if (file === 'cpu.max') return writeFileSync(join(folder, file), `${quota} ${sliceMicroseconds}`);
      writeFileSync(join(folder, 'cpu.cfs_period_us'), String(sliceMicroseconds));
      writeFileSync(join(folder, file), String(quota));
    };
    return { folder, set };
  }
  return undefined;
};

type Told = {
  ready?: true;
  initMs?: number;
  ms?: number;
  cpuMs?: number;
  answer?: { batchItemFailures?: unknown[] };
};

/** A process that runs the function's bundle with the share of a core that its memory buys. */
export const startSandbox = async (
  contract: FunctionContract,
  bundleDir: string,
  url: string,
): Promise<Sandbox> => {
  const child = fork(
    fileURLToPath(new URL('./sandbox-process.ts', import.meta.url)),
    [join(bundleDir, 'index.mjs')],
    { env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...environmentOf(contract, url) } },
  );
  const next = (): Promise<Told> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`${contract.name} ended with ${code}`));
      child.once('exit', ended);
      child.once('message', (message) => {
        child.off('exit', ended);
        resolve(message as Told);
      });
    });
  const { initMs = 0 } = await next();
  const quota = quotaFolder(`homeostat-bench-${child.pid}`);
  if (!quota) throw new Error('no CPU quota can be set here: run this as root, with a writable cgroup');
  quota.set(contract.memoryMb / memoryOfOneCoreMb);
  writeFileSync(join(quota.folder, 'cgroup.procs'), String(child.pid));
  let lastCpuMs = Number.NaN;
  return {
    initMs,
    cpuMs: () => lastCpuMs,
    async invoke(event) {
      child.send({ event });
      const { ms = Number.NaN, cpuMs = Number.NaN, answer } = await next();
      lastCpuMs = cpuMs;
      if (answer?.batchItemFailures?.length) throw new Error(`${contract.name} failed: see its log above`);
      return Math.ceil(ms);
    },
    close: () => {
      child.once('exit', () => rmdirSync(quota.folder));
      child.kill('SIGKILL');
    },
  };
};
