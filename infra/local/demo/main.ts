import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type ApiClient, createClient } from '../../../shared/configuration/index.ts';
import { parseConfig } from '../../config.ts';
import { synthesizeIfChanged } from '../../synth.ts';
import { type Host, startHost } from '../host.ts';
import { synthesizeApart } from '../start/synthesis.ts';
import { createSteps, hostLine, openTerminal, painted, type Terminal } from '../start/terminal.ts';
import { type Service, startService } from './service.ts';
import { followHealing, type Story } from './story.ts';
import { type Change, defineAll, looksOf, resourceName } from './watched.ts';

const help = `npm run demo [-- --interactive]

Starts a small real service and Homeostat on this machine, kills the service, and prints how Homeostat
notices it, restarts it, proves that it is well again and resolves the incident: under two minutes.
Ports are free ones, everything is kept in a temporary folder, and nothing is left behind.

  --interactive   wait until you kill the service yourself
  --help          this text

Ends with 0 when the incident was resolved within two minutes of the kill, else with 1 and a sentence.`;

const secondMs = 1000;
/** The first look may wait for the next full minute. */
const healthyWithinMs = 120 * secondMs;
const healedWithinMs = 120 * secondMs;
/** For a person to kill it. */
const patienceMs = 15 * 60 * secondMs;

type Ending = () => Promise<void>;

/** Runs the demo; gives the exit code. */
export const main = async (args: readonly string[]): Promise<number> => {
  const terminal = openTerminal();
  const endings: Ending[] = [];
  const cleanUp = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end().catch(() => {});
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void cleanUp().then(() => process.exit(130)));
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { interactive: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      terminal.line(help);
      return 0;
    }
    const story = await run(terminal, values.interactive === true, endings);
    if (story.failure === undefined) return 0;
    terminal.problem(painted(terminal, 'red', story.failure));
    return 1;
  } catch (error) {
    terminal.problem(painted(terminal, 'red', error instanceof Error ? error.message : String(error)));
    return 1;
  } finally {
    await cleanUp();
  }
};

const run = async (terminal: Terminal, isInteractive: boolean, endings: Ending[]): Promise<Story> => {
  const step = createSteps(terminal);
  terminal.line(painted(terminal, 'bold', 'A service dies, and Homeostat heals it'));
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-demo-'));
  endings.push(async () => rmSync(folder, { recursive: true, force: true }));
  const service = await startService(join(folder, 'service'));
  endings.push(service.kill);
  step(`a small service runs as process ${await service.pid()}`);
  const changes: Change[] = [];
  const host = await hostFor(service, folder, terminal, step, (change) => changes.push(change));
  endings.push(() => host.stop());
  const client = createClient({ url: host.url, token: host.token });
  const checkId = await defineAll(client, service);
  step('a deployment, a check every 10 s and a policy defined');
  terminal.line('');
  terminal.line(`  service  ${service.url}`);
  terminal.line(`  console  ${host.url}/`);
  terminal.line(`  token    ${host.token}`);
  terminal.line(`           ${painted(terminal, 'dim', 'sign in with it')}`);
  terminal.line('  policy   unhealthy_service: restart, at most 3 attempts, exponential backoff');
  terminal.line('');
  void host.finishDeployment();
  await untilHealthy(client, checkId);
  step(`${resourceName} is healthy`);
  await killed(terminal, service, isInteractive);
  const killedAt = Date.now();
  return followHealing(terminal, client, { service, checkId, changes, killedAt, withinMs: healedWithinMs });
};

const hostFor = async (
  { restart, pidFile }: Service,
  folder: string,
  terminal: Terminal,
  onStep: (text: string) => void,
  onChange: (change: Change) => void,
): Promise<Host> => {
  const config = parseConfig({
    allowedPrivateRanges: ['127.0.0.0/8'],
    actions: { 'process-restart': {} },
    processes: { [resourceName]: { restart: [...restart], pidFile } },
    // Nothing leaves this machine.
    canaries: [],
  });
  const assemblyDir = join(folder, 'assembly');
  return startHost({
    assemblyDir,
    dataDir: folder,
    async prepare() {
      await synthesizeIfChanged({ outdir: assemblyDir, config }, synthesizeApart);
      onStep('stack synthesized');
    },
    onStep,
    onEvent(event) {
      if (event['detail-type'] === 'check.status_changed') onChange(event.detail as Change);
    },
    log: (line) => {
      if (line.level !== 'info') terminal.line(hostLine(terminal, line, Date.now()));
    },
  });
};

/** Two looks, so that it is known to be looked at every ten seconds. */
const untilHealthy = async (client: ApiClient, checkId: string): Promise<void> => {
  const endsAt = Date.now() + healthyWithinMs;
  for (;;) {
    const looks = await looksOf(client, checkId);
    if (looks.length >= 2 && looks.every(({ status }) => status === 'healthy')) return;
    if (Date.now() > endsAt) {
      const [last] = looks;
      const seen = last ? `${last.status}: ${last.reason ?? 'no reason given'}` : 'nobody looked at it';
      throw new Error(`the service was not seen healthy within ${healthyWithinMs / secondMs} s (${seen})`);
    }
    await sleep(500);
  }
};

const killed = async (terminal: Terminal, service: Service, isInteractive: boolean): Promise<void> => {
  const pid = await service.pid();
  terminal.line('');
  if (!isInteractive) {
    terminal.line(painted(terminal, 'bold', `  kill -9 ${pid}`));
    return service.kill();
  }
  terminal.line(`Now kill it, in another terminal: ${painted(terminal, 'bold', `kill -9 ${pid}`)}`);
  const endsAt = Date.now() + patienceMs;
  while ((await service.pid()) === pid) {
    if (Date.now() > endsAt)
      throw new Error(`nobody killed the process ${pid} within ${patienceMs / 60_000} minutes`);
    await sleep(100);
  }
};
