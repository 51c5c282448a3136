/** How long the dispatcher needs for a hundred thousand checks: `node bench/dispatch.ts --help`. */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { marshall } from '@aws-sdk/util-dynamodb';
import { contract } from '../functions/dispatcher/contract.ts';
import { bundleFunctions } from '../infra/constructs/bundle.ts';
import { shardListKey, shardListPartition } from '../shared/health/keys.ts';
import { planLimits } from '../shared/health/place.ts';
import { allBuckets } from '../shared/health/shard-list.ts';
import { median, printTable } from './table.ts';

const help = `node bench/dispatch.ts [--checks 100000] [--rounds 8] [--answer-ms 10]

Lets the real dispatcher dispatch one minute, as often as --rounds says: its bundle in a process with the memory flags that
AWS gives it, its SDK clients, and real items and messages over HTTP. DynamoDB and SQS are a process of their own that answers as they do, each answer after
--answer-ms. Prints the time, the processor time, what the minute takes where the processor is only as large as the
function's memory buys (${contract.memoryMb} MB of the 1,769 that are one processor), the most memory that the process had, and how much
more that was in the second half of the rounds than in the first.
Exits with 1 when a minute takes more than its budget, when memory is not flat, or when not each message was sent once.`;

const budgetSeconds = 10;

const memoryOfOneProcessorMb = 1769;
/** What Lambda's own start of Node says of its heap, by the memory of the function. */
const semiSpaceMb = Math.floor(contract.memoryMb * 0.05);
/** The young generation, three semi-spaces, fills before the collector looks at it. */
const flatMb = 3 * semiSpaceMb;

type Asked = {
  readonly checks: number;
  readonly intervalSeconds: number;
  readonly answerMs: number;
};

const numberFrom = (name: string, text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} is ${text}: give a whole number above 0`);
  return number;
};

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    checks: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '8' },
    'answer-ms': { type: 'string', default: '10' },
    services: { type: 'string' },
    dispatcher: { type: 'string' },
  },
});

type Encoded = { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } };

/** The list of shards, full shards all of them, by partition and in the order of their keys. */
const listOf = ({ checks, intervalSeconds }: Asked): Map<string, Encoded[]> => {
  const list = new Map(allBuckets.map((bucket) => [shardListPartition(bucket), [] as Encoded[]]));
  const shards = Array.from(
    { length: Math.ceil(checks / planLimits.entries) },
    (_, number) => `home.public.${intervalSeconds}.${number}`,
  );
  for (const shard of shards.sort()) {
    const { entries } = planLimits;
    const key = shardListKey(shard);
    const item = { ...key, v: 1, planVersion: 17, active: entries, entries, bytes: 52_418 };
    list.get(key.pk)?.push(marshall(item) as Encoded);
  }
  return list;
};

type Query = {
  readonly Limit: number;
  readonly ExpressionAttributeValues: { readonly ':pk': { readonly S: string } };
  readonly ExclusiveStartKey?: { readonly sk: { readonly S: string } };
};

const pageOf = (list: ReadonlyMap<string, Encoded[]>, query: Query) => {
  const items = list.get(query.ExpressionAttributeValues[':pk'].S) ?? [];
  const after = query.ExclusiveStartKey?.sk.S ?? '';
  const rest = items.filter(({ sk }) => sk.S > after);
  const page = rest.slice(0, query.Limit);
  const last = page.at(-1);
  const more = rest.length > page.length && last ? { LastEvaluatedKey: { pk: last.pk, sk: last.sk } } : {};
  return { Items: page, Count: page.length, ScannedCount: page.length, ...more };
};

type Batch = { readonly Entries: readonly { readonly Id: string; readonly MessageBody: string }[] };

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** DynamoDB and SQS for one dispatcher. A message to this process asks what was sent since the last one. */
const serve = async (asked: Asked): Promise<void> => {
  const list = listOf(asked);
  let bodies: string[] = [];
  const taken = ({ Entries }: Batch) => ({
    Successful: Entries.map(({ Id, MessageBody }) => {
      bodies.push(MessageBody);
      return { Id, MessageId: Id, MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') };
    }),
    Failed: [],
  });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const input = JSON.parse(await textOf(request));
    const isQuery = String(request.headers['x-amz-target']).endsWith('.Query');
    const body = JSON.stringify(isQuery ? pageOf(list, input) : taken(input));
    await sleep(asked.answerMs);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(body);
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', () => {
    process.send?.({ messages: bodies.length, different: new Set(bodies).size });
    bodies = [];
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ port: (server.address() as AddressInfo).port });
};

const startServices = async (asked: Asked): Promise<{ services: ChildProcess; url: string }> => {
  const services = fork(import.meta.filename, ['--services', JSON.stringify(asked)]);
  const [{ port }] = (await once(services, 'message')) as [{ port: number }];
  return { services, url: `http://127.0.0.1:${port}` };
};

const sentSince = async (services: ChildProcess): Promise<{ messages: number; different: number }> => {
  services.send('sent?');
  const [sent] = await once(services, 'message');
  return sent as { messages: number; different: number };
};

type Minute = { readonly seconds: number; readonly cpuSeconds: number; readonly peakMb: number };

const dispatchOnce = async (handler: (tick: { scheduledAt: string }) => Promise<void>): Promise<Minute> => {
  const rssMb = () => process.memoryUsage.rss() / 1e6;
  let peakMb = rssMb();
  const sampling = setInterval(() => {
    peakMb = Math.max(peakMb, rssMb());
  }, 20);
  const [began, before] = [performance.now(), process.cpuUsage()];
  await handler({ scheduledAt: new Date().toISOString() });
  const { user, system } = process.cpuUsage(before);
  clearInterval(sampling);
  const seconds = (performance.now() - began) / 1000;
  return { seconds, cpuSeconds: (user + system) / 1e6, peakMb: Math.max(peakMb, rssMb()) };
};

type Apart = { readonly rounds: number; readonly bundle: string };

/** Measures in a process of its own: the SDK's clients and the handler's world are opened once a process. */
const measure = async ({ rounds, bundle, ...asked }: Asked & Apart): Promise<void> => {
  const { services, url } = await startServices(asked);
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_ENDPOINT_URL_SQS: url,
    HOMEOSTAT_TELEMETRY: 'telemetry',
    HOMEOSTAT_SLOTS: `${url}/123456789012/slots`,
  });
  const { handler } = await import(pathToFileURL(bundle).href);
  const wanted = Math.ceil(asked.checks / planLimits.entries) * Math.max(1, 60 / asked.intervalSeconds);
  const minutes: Minute[] = [];
  // The first round opens connections and compiles; a warm function is what runs each minute.
  for (let round = 0; round <= rounds; round++) {
    minutes.push(await dispatchOnce(handler));
    const { messages, different } = await sentSince(services);
    if (messages !== wanted || different !== wanted) {
      throw new Error(`${messages} messages were sent, ${different} different ones: ${wanted} were due`);
    }
  }
  services.disconnect();
  const [first, ...warm] = minutes;
  const peakMb = (some: readonly Minute[]): number => Math.max(...some.map((minute) => minute.peakMb));
  const half = Math.ceil(warm.length / 2);
  const cpuSeconds = median(warm.map((minute) => minute.cpuSeconds));
  const seconds = median(warm.map((minute) => minute.seconds));
  process.send?.({
    messages: wanted,
    coldSeconds: first?.seconds ?? Number.NaN,
    seconds,
    cpuSeconds,
    onLambdaSeconds: Math.max(seconds, (cpuSeconds * memoryOfOneProcessorMb) / contract.memoryMb),
    peakMb: peakMb(minutes),
    grownMb: peakMb(warm.slice(-half)) - peakMb(warm.slice(0, half)),
  } satisfies Measured);
  process.disconnect();
};

type Measured = {
  readonly messages: number;
  readonly coldSeconds: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly onLambdaSeconds: number;
  readonly peakMb: number;
  readonly grownMb: number;
};

const heapFlags = [
  `--max-old-space-size=${Math.floor(contract.memoryMb * 0.9)}`,
  `--max-semi-space-size=${semiSpaceMb}`,
];

const measureApart = async (asked: Asked & Apart): Promise<Measured> => {
  const child = fork(import.meta.filename, ['--dispatcher', JSON.stringify(asked)], { execArgv: heapFlags });
  const [outcome] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the dispatcher ended with ${code} before its figures came`);
    }),
  ])) as [Measured];
  return outcome;
};

const reportAll = async (bundle: string): Promise<void> => {
  const checks = numberFrom('checks', values.checks);
  const rounds = numberFrom('rounds', values.rounds);
  const answerMs = numberFrom('answer-ms', values['answer-ms']);
  const over: string[] = [];
  const rows = [];
  for (const intervalSeconds of [60, 10]) {
    const one = await measureApart({ checks, intervalSeconds, answerMs, rounds, bundle });
    const what = `${checks.toLocaleString('en')} checks each ${intervalSeconds} s`;
    if (one.onLambdaSeconds > budgetSeconds) over.push(`${what} take ${one.onLambdaSeconds.toFixed(1)} s`);
    if (one.grownMb > flatMb) over.push(`${what}: memory grew by ${one.grownMb.toFixed(0)} MB`);
    rows.push({
      checks: what,
      messages: one.messages,
      'first s': one.coldSeconds.toFixed(2),
      s: one.seconds.toFixed(2),
      'CPU s': one.cpuSeconds.toFixed(2),
      [`s at ${contract.memoryMb} MB`]: one.onLambdaSeconds.toFixed(2),
      'memory MB': one.peakMb.toFixed(0),
      'and +MB': Math.max(0, one.grownMb).toFixed(1),
      budget: `${budgetSeconds} s and ${flatMb} MB`,
    });
  }
  printTable(rows);
  for (const sentence of over) console.error(`over budget: ${sentence}`);
  process.exitCode = over.length > 0 ? 1 : 0;
};

if (values.help) console.log(help);
else if (values.services !== undefined) await serve(JSON.parse(values.services));
else if (values.dispatcher !== undefined) await measure(JSON.parse(values.dispatcher));
else {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'));
  try {
    const { dispatcher } = await bundleFunctions([contract.name], folder);
    if (!dispatcher) throw new Error('the dispatcher was not bundled');
    await reportAll(join(dispatcher.dir, 'index.mjs'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
