/** What judging rules every 30 seconds costs a month, from billed durations and capacity really measured: `node bench/rules.ts --help`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { contracts } from '../functions/index.ts';
import { parseConfig } from '../infra/config.ts';
import { synthesize } from '../infra/synth.ts';
import { ticksOf } from '../shared/alerting/dispatch-rules.ts';
import { pricesUsd, secondsPerMonth } from '../shared/platform/prices.ts';
import { openTable } from '../shared/storage/index.ts';
import { createTable } from '../test/functions/cloud.ts';
import { type Sandbox, startSandbox } from './cost/sandbox.ts';
import { type Billed, startServices } from './cost/services.ts';
import { checksEach, deployments, rulesEach, writeScene } from './rules/scene.ts';
import { printTable } from './table.ts';

const help = `node bench/rules.ts [--rounds 8]

Judges 10,000 rules (four types, windows of five and ten minutes) over 1,000 checks of 100 deployments, as they are when all
is well: the evaluator as it is deployed, in a process with the CPU quota that its memory buys in Lambda, against DynamoDB
(dynalite) 4 ms away. Prints what a round of all rules takes, and what judging them every 30 seconds costs a month at the list
prices of us-east-1. Which checks a deployment has is read once a minute: every second round is as the first one. Needs root
and a writable cgroup for the quota.`;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '8' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(help);
  process.exit();
}

type Round = Billed & { ms: number; cpuMs: number; invocations: number };

/** The shards of each wave come in one batch. */
const wavesOf = (shards: readonly string[]): readonly (readonly string[])[] => [
  ...Map.groupBy(shards, (shard) => ticksOf(shard, 0)[0] ?? 0).values(),
];

const batchOf = (shards: readonly string[], at: number) => ({
  Records: shards.map((shard) => ({
    messageId: shard,
    body: JSON.stringify({ kind: 'rules', shard, at, version: 1 }),
  })),
});

const roundOf = async (
  sandbox: Sandbox,
  services: Awaited<ReturnType<typeof startServices>>,
  waves: readonly (readonly string[])[],
): Promise<Round> => {
  services.reset();
  let [ms, cpuMs] = [0, 0];
  for (const wave of waves) {
    ms += await sandbox.invoke(batchOf(wave, Date.now()));
    cpuMs += sandbox.cpuMs();
  }
  return { ...services.billed, ms, cpuMs, invocations: waves.length };
};

const mean = (rounds: readonly Round[], of: (round: Round) => number): number =>
  rounds.reduce((sum, round) => sum + of(round), 0) / rounds.length;

const rules = deployments * rulesEach;
const row = (what: string, rounds: readonly Round[]) => ({
  'a round of 10,000 rules': what,
  'billed ms': mean(rounds, ({ ms }) => ms).toFixed(0),
  'CPU ms per 1,000': ((mean(rounds, ({ cpuMs }) => cpuMs) / rules) * 1000).toFixed(1),
  'read units': mean(rounds, ({ readUnits }) => readUnits).toFixed(0),
  'write units': mean(rounds, ({ writeUnits }) => writeUnits).toFixed(0),
});

const folder = mkdtempSync(join(tmpdir(), 'homeostat-rules-'));
const services = await startServices();
const client = new DynamoDBClient({
  endpoint: services.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
});
try {
  await createTable(client, 'state');
  await createTable(client, 'telemetry');
  const [state, telemetry] = ['state', 'telemetry'].map((name) => openTable(name, Date.now, { client }));
  if (!state || !telemetry) throw new Error('two tables were opened');
  console.error(`writing ${rules} rules and ${deployments * checksEach} checks`);
  const shards = await writeScene(state, telemetry, Date.now());
  const waves = wavesOf(shards);
  const { bundles } = await synthesize({ outdir: folder, config: parseConfig({}) });
  const { evaluator } = contracts;
  const freshRounds: Round[] = [];
  const knownRounds: Round[] = [];
  console.error(`judging ${shards.length} shards in ${waves.length} waves`);
  for (let start = 0; start < 2; start++) {
    const sandbox = await startSandbox(evaluator, bundles[evaluator.name]?.dir ?? '', services.url);
    // The first round of a process also reads the rules, and compiles; after a minute checks are read anew.
    await roundOf(sandbox, services, waves);
    for (let round = 0; round < Number(values.rounds) / 2; round++) {
      knownRounds.push(await roundOf(sandbox, services, waves));
    }
    await new Promise((done) => setTimeout(done, 61_000));
    freshRounds.push(await roundOf(sandbox, services, waves));
    sandbox.close();
  }
  printTable([row('checks known', knownRounds), row('checks read anew', freshRounds)]);

  const rounds = secondsPerMonth / 30;
  const both = (of: (round: Round) => number): number => (mean(knownRounds, of) + mean(freshRounds, of)) / 2;
  // Sent, received and deleted by tens.
  const sqsRequests = 3 * waves.reduce((sum, wave) => sum + Math.ceil(wave.length / 10), 0);
  const gbSeconds = (both(({ ms }) => ms) / 1000) * (evaluator.memoryMb / 1024);
  const bill = [
    ['Lambda, duration', gbSeconds * pricesUsd.lambdaArmGbSecond],
    ['Lambda, requests', waves.length * pricesUsd.lambdaRequest],
    ['DynamoDB, reads', both(({ readUnits }) => readUnits) * pricesUsd.dynamodbReadUnit],
    ['DynamoDB, writes', both(({ writeUnits }) => writeUnits) * pricesUsd.dynamodbWriteUnit],
    ['SQS', sqsRequests * pricesUsd.sqsRequest],
  ] as const;
  console.log();
  printTable(
    [...bill, ['all', bill.reduce((sum, [, usd]) => sum + usd, 0)] as const].map(([item, usd]) => ({
      '10,000 rules every 30 s': item,
      'USD a month': (usd * rounds).toFixed(2),
    })),
  );
} finally {
  client.destroy();
  services.close();
  rmSync(folder, { recursive: true, force: true });
}
