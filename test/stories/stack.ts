import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig, type StackConfigInput } from '../../infra/config.ts';
import type { RawTemplate } from '../../infra/local/assembly.ts';
import type { BusEvent } from '../../infra/local/events/bus.ts';
import type { Faults } from '../../infra/local/gateway/faults.ts';
import type { AwsAccount } from '../../infra/local/gateway/pass-on.ts';
import { type Host, type HostLine, startHost } from '../../infra/local/host.ts';
import { durationMs } from '../../infra/local/time/duration.ts';
import { synthesizeIfChanged } from '../../infra/synth.ts';

/** The real stack on a host of its own: free ports, the driven clock, in memory or in a temporary folder. */
export type Stack = {
  /** The host that runs now: another one after a restart. */
  readonly host: Host;
  /** Where everything is kept; undefined in memory. */
  readonly folder: string | undefined;
  /** One request to the HTTP API, with the admin token unless told otherwise. */
  api(method: string, path: string, request?: ApiRequest): Promise<Answer>;
  /** Every answer of the HTTP API so far, as text. */
  readonly answers: readonly string[];
  /** What the bus took, in order, since the stack was opened: restarts included. */
  events(type?: string): readonly BusEvent[];
  /** What a person would have seen at the terminal. */
  readonly lines: readonly HostLine[];
  /** Lets time pass: milliseconds, or `30s`, `5m`, `2h`. */
  advance(duration: number | string): Promise<void>;
  /** Stops the host and starts another on the same folder. */
  restart(again?: Again): Promise<void>;
  /** The same, but the host is ended in the middle of whatever is under way. */
  killAndRestart(again?: Again): Promise<void>;
  close(): Promise<void>;
};

export type Again = {
  /** How long nothing runs; by default the clock goes on from where it stood. */
  readonly after?: number | string;
  /** Instead of the change the stack was opened with. */
  readonly patchTemplate?: (template: RawTemplate) => void;
};

export type ApiRequest = {
  readonly body?: unknown;
  /** Null sends none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Answer<Body = Record<string, unknown>> = {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON; an answer that is no JSON object has none. */
  readonly body: Body;
  readonly text: string;
};

export type StackOptions = {
  /** Over the configuration that `npm start` uses. */
  readonly config?: StackConfigInput;
  /** Changes the template before it is hosted. */
  readonly patchTemplate?: (template: RawTemplate) => void;
  /** Breaks calls of functions to AWS; see `infra/local/gateway/faults.ts`. */
  readonly faults?: Faults;
  /** Answers what is not hosted on one machine; without it such a call is refused. */
  readonly awsAccount?: AwsAccount;
  /** Keeps everything in a folder, so that the host can be restarted; in memory by default, which is quicker. */
  readonly onDisk?: boolean;
  /** Where the clock starts, epoch ms: for stories of the calendar. `soon` by default. */
  readonly startsAt?: number;
  /** Driven by default; what a browser has to see by itself needs the real one. */
  readonly clock?: 'real' | 'driven';
  /** Told of each event while the bus takes it: before its publisher learns that it was taken. */
  readonly onEvent?: (event: BusEvent) => void;
};

const oneHour = 3_600_000;

/**
 * Twenty minutes and a little after the next full hour, so that the ticks of each minute, of the watchdog and of the
 * hourly rollup fall into every run of a story at the same places: a story of an hour always meets the rollup of an
 * hour it filled. Not before now: certificates made for a story are not yet valid then.
 */
const soon = (): number => Math.ceil(Date.now() / oneHour) * oneHour + 1_220_000;

/** Kept between runs, so that unchanged sources are synthesized once; stories run one file at a time. */
const assemblies = fileURLToPath(new URL('../../node_modules/.cache/homeostat/stories', import.meta.url));

/**
 * What `npm start` allows, as far as stories go: targets on loopback, any secret. Without canaries, for nothing in a
 * story may leave this machine.
 */
const ownConfig: StackConfigInput = {
  allowedPrivateRanges: ['127.0.0.0/8', '::1/128'],
  secrets: ['*'],
  checkFunctions: ['*'],
  awsServices: ['ec2', 'ecs', 'autoscaling', 'rds'],
  topics: ['*'],
  emailIdentities: ['*'],
  canaries: [],
};

const synthesized = async (input: StackConfigInput): Promise<string> => {
  const config = parseConfig({ ...ownConfig, ...input });
  const keys = Object.keys(input);
  // Two stories that configure the same key otherwise would each have the other's stack made anew.
  const values = createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 8);
  const outdir = join(assemblies, keys.length === 0 ? 'default' : [...keys, values].join('-'));
  await synthesizeIfChanged({ outdir, config });
  return outdir;
};

export const openStack = async (options: StackOptions = {}): Promise<Stack> => {
  const assemblyDir = await synthesized(options.config ?? {});
  const folder = options.onDisk ? mkdtempSync(join(tmpdir(), 'homeostat-story-')) : undefined;
  const taken: BusEvent[] = [];
  const lines: HostLine[] = [];
  const answers: string[] = [];
  const start = (patchTemplate: StackOptions['patchTemplate'], startsAt?: number): Promise<Host> =>
    startHost({
      assemblyDir,
      clock: options.clock ?? 'driven',
      catchUp: false,
      ...(startsAt !== undefined && options.clock !== 'real' && { startsAt }),
      ...(folder !== undefined && { dataDir: folder }),
      ...(patchTemplate && { patchTemplate }),
      ...(options.faults && { faults: options.faults }),
      ...(options.awsAccount && { awsAccount: options.awsAccount }),
      onEvent(event) {
        taken.push(event);
        options.onEvent?.(event);
      },
      log: (line) => lines.push(line),
    });
  let host = await start(options.patchTemplate, options.startsAt ?? soon());
  const startAgain = async (
    end: () => Promise<void>,
    { after = 0, patchTemplate = options.patchTemplate }: Again,
  ): Promise<void> => {
    if (folder === undefined)
      throw new Error('a host in memory cannot be restarted: open the stack with onDisk');
    const endedAt = host.now();
    await end();
    host = await start(patchTemplate, endedAt + durationMs(after));
  };
  return {
    get host() {
      return host;
    },
    folder,
    lines,
    answers,
    async api(method, path, request = {}) {
      const answer = await ask(host, method, path, request);
      answers.push(answer.text);
      return answer;
    },
    events: (type) => taken.filter((event) => type === undefined || event['detail-type'] === type),
    advance: (duration) => host.advance(duration),
    restart: (again = {}) => startAgain(() => host.stop(), again),
    killAndRestart: (again = {}) => startAgain(() => host.kill(), again),
    async close() {
      await host.stop();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
};

const ask = async (host: Host, method: string, path: string, request: ApiRequest): Promise<Answer> => {
  const { body, token = host.token, headers = {} } = request;
  const answer = await fetch(host.url + path, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '') && text !== '';
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : {}, text };
};
