import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { machinePorts } from './beyond-aws.ts';
import { applied, planned, planOne, verified } from './planned.ts';

const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
});

/** A service that runs until it is killed, and a command that starts it anew and writes its pid. */
const service = () => {
  const folder = mkdtempSync(join(tmpdir(), 'service-'));
  const pidFile = join(folder, 'shop.pid');
  const startScript = join(folder, 'start.mjs');
  writeFileSync(
    startScript,
    `import { spawn } from 'node:child_process';
     import { writeFileSync } from 'node:fs';
     const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
     child.unref();
     writeFileSync('shop.pid', String(child.pid));
     console.log('started', process.env.AWS_SECRET_ACCESS_KEY ?? 'without keys', process.cwd());`,
  );
  const pid = () => Number(readFileSync(pidFile, 'utf8'));
  const restart = [process.execPath, startScript];
  return { folder, pidFile, pid, restart };
};
const shop = { name: 'shop', type: 'process', id: 'shop' } as const;
const settingOf = (one: Record<string, unknown>) => ({ processes: JSON.stringify({ shop: one }) });

describe('a process of this machine', () => {
  test('that was killed is started by its command, in its folder, without our keys, and is verified by its new pid', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'a-key-of-ours';
    const { folder, pidFile, pid, restart } = service();
    const first = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writeFileSync(pidFile, `${first.pid}\n`);
    const { ports, calls } = machinePorts(settingOf({ restart, cwd: folder, pidFile }));
    const plan = await planned(ports, 'process-restart', shop);
    expect(plan.before).toMatchObject({ pid: first.pid, hasPidFile: true });
    first.kill('SIGKILL');
    await new Promise((resolve) => first.on('exit', resolve));
    expect(await verified(ports, plan, undefined)).toMatchObject({ state: 'pending' });

    const receipt = await applied(ports, plan);
    started.push(pid());
    expect(receipt).toEqual({ pid: null, startedAt: null });
    expect(await verified(ports, plan, receipt)).toMatchObject({
      state: 'verified',
      after: { isRunning: true, pid: pid() },
    });
    expect(calls).toMatchObject([
      { operation: 'restart shop', outcome: 'ok', detail: `started without keys ${folder}` },
    ]);
  });

  test('that goes on as the same process is not verified', async () => {
    const { folder, pidFile } = service();
    const first = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    started.push(first.pid ?? 0);
    writeFileSync(pidFile, `${first.pid}`);
    const restart = [process.execPath, '-e', ''];
    const { ports } = machinePorts(settingOf({ restart, cwd: folder, pidFile }));
    const plan = await planned(ports, 'process-restart', shop);
    const receipt = await applied(ports, plan);
    expect(await verified(ports, plan, receipt)).toMatchObject({
      state: 'pending',
      reason: `shop still runs as ${first.pid}, as before`,
    });
  });

  test('is started without a shell', async () => {
    const { folder } = service();
    const restart = [process.execPath, '-e', '0', '; touch made-by-a-shell'];
    const { ports } = machinePorts(settingOf({ restart, cwd: folder }));
    await applied(ports, await planned(ports, 'process-restart', shop));
    expect(existsSync(join(folder, 'made-by-a-shell'))).toBe(false);
  });

  test.each([
    {
      why: 'a command that fails is unknown, for it may have stopped the process already',
      restart: [process.execPath, '-e', 'console.error("no disk"); process.exit(3)'],
      name: 'Error',
      says: 'the restart of shop ended with code 3: no disk',
    },
    {
      why: 'a program that is not there is refused',
      restart: ['/nowhere/at/all'],
      name: 'ActionRefused',
      says: '/nowhere/at/all could not be started',
    },
  ])('$why', async ({ restart, name, says }) => {
    const { ports } = machinePorts(settingOf({ restart }));
    const plan = await planned(ports, 'process-restart', shop);
    await expect(applied(ports, plan)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(says),
    });
  });

  test('that the configuration does not name is refused', async () => {
    const { ports } = machinePorts(settingOf({ restart: ['true'] }));
    const other = { ...shop, id: 'constructor' };
    await expect(planOne(ports, 'process-restart', other)).rejects.toMatchObject({
      name: 'ActionRefused',
      message: expect.stringContaining('no process constructor stands in "processes"'),
    });
  });

  test('is never restarted by a deployed stack', async () => {
    const { ports } = machinePorts({ ...settingOf({ restart: ['true'] }), insideLambda: true });
    await expect(planOne(ports, 'process-restart', shop)).rejects.toThrow(
      'a deployed stack has no processes',
    );
  });
});
