import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createClient } from '../../../shared/configuration/index.ts';
import { awsServices } from '../../../shared/platform/aws/aws-states.aws.ts';
import { parseConfig } from '../../config.ts';
import { synthesizeIfChanged } from '../../synth.ts';
import { accountOf } from '../gateway/pass-on.ts';
import { type Host, startHost } from '../host.ts';
import { readSecrets, writeSecret } from '../secrets/check-secrets.ts';
import { actionsOnThisMachine } from './actions.ts';
import { channelsFromEnvironment } from './channels.ts';
import {
  apply,
  applyGiven,
  type FileSource,
  type Loaded,
  load,
  refusals,
  sentences,
  summary,
  watch,
} from './configuration.ts';
import { helpText, notices, readSettings, type Settings } from './environment.ts';
import { synthesizeApart } from './synthesis.ts';
import {
  createSteps,
  hostLine,
  openTerminal,
  painted,
  type StatusChange,
  statusLine,
  type Terminal,
} from './terminal.ts';

/** On one machine a team watches what runs on it and around it. Link-local and metadata addresses stay refused. */
const ownRanges = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7'];

const run = async (terminal: Terminal, settings: Settings): Promise<void> => {
  const step = createSteps(terminal);
  terminal.line('Homeostat on this machine');
  for (const notice of notices(process.env)) terminal.line(`  ${painted(terminal, 'dim', notice)}`);
  const dataDir = resolve(settings.HOMEOSTAT_DATA);
  const given = channelsFromEnvironment(settings);
  const file: FileSource = {
    path: settings.HOMEOSTAT_CONFIG,
    defaultIntervalSeconds: settings.HEALTH_CHECK_INTERVAL / 1000,
    given,
  };
  if (process.env.HOMEOSTAT_CONFIG && !existsSync(file.path))
    throw new Error(`${file.path} cannot be read: there is no such file (HOMEOSTAT_CONFIG)`);
  const loaded = await load(file);
  step(loaded ? `${file.path} read` : `no ${file.path}: nothing to watch until there is one`);

  const config = parseConfig({
    allowedPrivateRanges: ownRanges,
    defaultIntervalSeconds: file.defaultIntervalSeconds,
    logLevel: settings.LOG_LEVEL,
    // Whoever runs it on a machine may set secrets there and has the credentials there; nothing is granted by deploying.
    secrets: ['*'],
    checkFunctions: ['*'],
    awsServices: [...awsServices],
    topics: ['*'],
    emailIdentities: ['*'],
    actions: actionsOnThisMachine(settings.HOMEOSTAT_ACTIONS),
    ...(settings.HOMEOSTAT_PROCESSES !== undefined && { processes: settings.HOMEOSTAT_PROCESSES }),
    ...(settings.ORCHESTRATOR_URL !== undefined && { orchestratorUrl: settings.ORCHESTRATOR_URL }),
    ...(settings.ALERT_EMAIL !== undefined && { alertEmail: settings.ALERT_EMAIL }),
    ...(settings.HOMEOSTAT_PUBLIC_URL !== undefined && { publicUrl: settings.HOMEOSTAT_PUBLIC_URL }),
    ...(settings.HOMEOSTAT_HEARTBEAT_URL !== undefined && { heartbeatUrl: settings.HOMEOSTAT_HEARTBEAT_URL }),
  });
  const assemblyDir = join(dataDir, 'assembly');
  const host = await startHost({
    assemblyDir,
    dataDir,
    port: settings.PORT,
    host: settings.HOST,
    ...(settings.HOMEOSTAT_TOKEN !== undefined && { adminToken: settings.HOMEOSTAT_TOKEN }),
    async prepare() {
      keepSecrets(dataDir, given.secrets);
      const { synthesized } = await synthesizeIfChanged({ outdir: assemblyDir, config }, synthesizeApart);
      step(synthesized ? 'stack synthesized' : 'stack unchanged');
    },
    awsAccount: accountOf(process.env),
    onStep: step,
    onBroken: () => process.exit(1),
    log: (line) => terminal.line(hostLine(terminal, line, Date.now())),
    onEvent(event) {
      if (event['detail-type'] === 'check.status_changed')
        terminal.line(statusLine(terminal, event.detail as StatusChange));
    },
  });
  // From here on Ctrl-C ends clean, also while the file is being applied.
  let stopWatching = async (): Promise<void> => {};
  endOnSignal(terminal, host, () => stopWatching());
  stopWatching = await serveFile(terminal, host, file, loaded, dataDir, step);
};

/** A secret stays when its variable is gone: it may have been set by hand, and only what names it reads it. */
const keepSecrets = (dataDir: string, secrets: ReadonlyMap<string, string>): void => {
  if (secrets.size === 0) return;
  const kept = readSecrets(dataDir);
  for (const [name, value] of secrets) if (kept.get(name) !== value) writeSecret(dataDir, name, value);
};

/** Tells where everything is, applies the configuration and goes on watching it. Returns how to stop watching. */
const serveFile = async (
  terminal: Terminal,
  host: Host,
  file: FileSource,
  loaded: Loaded | undefined,
  dataDir: string,
  step: (text: string) => void,
): Promise<() => Promise<void>> => {
  const tokenFile = join(dataDir, 'admin-token');
  writeFileSync(tokenFile, `${host.token}\n`, { mode: 0o600 });
  // The mode above counts only when the file is new.
  chmodSync(tokenFile, 0o600);
  const client = createClient({ url: host.url, token: host.token });
  const convergence = await (loaded ? apply(client, loaded.configuration) : applyGiven(client, file.given));
  if (convergence) {
    step(`${loaded ? file.path : 'channels of the environment'} applied: ${summary(convergence)}`);
    for (const refusal of refusals(convergence)) terminal.line(painted(terminal, 'red', refusal));
  }
  const here = (path: string) => relative(process.cwd(), path) || '.';
  terminal.line('');
  terminal.line(`  console  ${painted(terminal, 'bold', `${host.url}/`)}`);
  terminal.line(`  token    ${host.token}`);
  terminal.line(`           ${painted(terminal, 'dim', 'sign in with it')}`);
  terminal.line(`  config   ${file.path}`);
  terminal.line(`  data     ${here(dataDir)}`);
  terminal.line('');
  // Whoever opens the console now waits for it; nobody else does.
  void host.finishDeployment();
  const watcher = await watch(file, client, loaded, {
    applied: (text) => terminal.line(painted(terminal, 'green', text)),
    refused: (text) => terminal.problem(painted(terminal, 'red', text)),
  });
  return () => watcher.close();
};

/** Ctrl-C ends clean; a second one at once. */
const endOnSignal = (terminal: Terminal, host: Host, stopWatching: () => Promise<void>): void => {
  let endingSince: number | undefined;
  const end = async (): Promise<void> => {
    if (endingSince !== undefined) {
      // One Ctrl-C can come twice: from the terminal to all its processes, and handed on by npm.
      if (performance.now() - endingSince > 300) process.exit(130);
      return;
    }
    endingSince = performance.now();
    terminal.line('stopping; Ctrl-C again ends at once');
    try {
      await stopWatching();
      await host.stop();
      process.exit(0);
    } catch (error) {
      terminal.problem(sentences(error));
      process.exit(1);
    }
  };
  process.on('SIGINT', () => void end());
  process.on('SIGTERM', () => void end());
};

/** The one line for a start that did not work. */
const explain = (error: unknown): string => {
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE')
    return `port ${port} of ${address} is taken: stop what listens there, or give another with PORT`;
  if (code === 'EACCES' && port !== undefined)
    return `port ${port} may not be opened: give one above 1023 with PORT`;
  if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine: see HOST`;
  return sentences(error);
};

/** Runs until it is told to end; gives the exit code of a start that did not work. */
export const main = async (args: readonly string[]): Promise<number | undefined> => {
  const terminal = openTerminal();
  if (args.includes('--help') || args.includes('-h')) {
    terminal.line(helpText());
    return 0;
  }
  try {
    await run(terminal, readSettings(process.env));
    return undefined;
  } catch (error) {
    terminal.problem(painted(terminal, 'red', explain(error)));
    return 1;
  }
};
