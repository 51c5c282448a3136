import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { contracts } from '../../functions/index.ts';
import type { Bundles } from '../../infra/constructs/bundle.ts';
import type { PlanEntry } from '../../shared/health/plan.ts';
import { listShard } from '../../shared/health/shard-list.ts';
import { writePlan } from '../../shared/health/telemetry.ts';
import type { FunctionContract } from '../../shared/platform/function/contract.ts';
import { openTable, type Table } from '../../shared/storage/index.ts';
import { createTable } from '../../test/functions/cloud.ts';
import { startSandbox } from './sandbox.ts';
import { type Billed, type Services, startServices } from './services.ts';
import { startTargets } from './targets.ts';

/** One invocation: the mean of several. */
export type Invocation = Billed & { readonly ms: number; readonly initMs: number; readonly memoryMb: number };

export type Measured = {
  /** A slot of 100 checks, of 10, and of the five in the slow shard that hang until their timeout. */
  readonly hundred: Invocation;
  readonly ten: Invocation;
  readonly hanging: Invocation;
  readonly dispatcherIdle: Invocation;
  readonly dispatcherThousandShards: Invocation;
  readonly sweeperIdle: Invocation;
  readonly notifierIdle: Invocation;
  readonly scalerIdle: Invocation;
  readonly watchdogIdle: Invocation;
  /** The same with ten shards of 100 checks. */
  readonly watchdogTenShards: Invocation;
  readonly rollupIdle: Invocation;
};

const entryOf = (no: number, target: string): PlanEntry => ({
  no,
  id: no.toString(16).padStart(24, '0'),
  revision: 1,
  name: `check number ${no} of the bench`,
  deploymentId: 'bench',
  type: 'http',
  target,
  timeoutSeconds: 5,
  retries: 1,
  failureThreshold: 3,
  successThreshold: 2,
  config: {},
  tags: { team: 'platform' },
  placedAt: Date.now(),
});

const writeShard = async (telemetry: Table, shard: string, targets: readonly string[]): Promise<void> => {
  const entries = targets.map((target, at) => entryOf(at + 1, target));
  const plan = { shard, planVersion: 1, nextNo: entries.length + 1, entries };
  await writePlan(telemetry, plan, randomUUID());
  await listShard(telemetry, plan);
};

const slotEvent = (shard: string) => ({
  Records: [
    {
      messageId: randomUUID(),
      body: JSON.stringify({ kind: 'slot', shard, slotAt: Date.now(), planVersion: 1 }),
    },
  ],
});
const tickEvent = () => ({ scheduledAt: new Date().toISOString() });

type Runs = { readonly warm: number; readonly counted: number };

const measureOne = async (
  contract: FunctionContract,
  bundles: Bundles,
  services: Services,
  eventOf: () => unknown,
  { warm, counted }: Runs,
): Promise<Invocation> => {
  const sandbox = await startSandbox(contract, bundles[contract.name]?.dir ?? '', services.url);
  try {
    for (let run = 0; run < warm; run += 1) await sandbox.invoke(eventOf());
    services.reset();
    let ms = 0;
    for (let run = 0; run < counted; run += 1) ms += await sandbox.invoke(eventOf());
    const { writeUnits, readUnits, sqsRequests, events } = services.billed;
    return {
      ms: ms / counted,
      initMs: sandbox.initMs,
      memoryMb: contract.memoryMb,
      writeUnits: writeUnits / counted,
      readUnits: readUnits / counted,
      sqsRequests: sqsRequests / counted,
      events: events / counted,
    };
  } finally {
    sandbox.close();
  }
};

const many = <T>(count: number, of: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => of(at));

/** Runs the deployed bundles, each with the CPU that its memory buys in Lambda, against targets with usual delays. */
export const measure = async (
  bundles: Bundles,
  slots: number,
  onProgress: (what: string) => void,
): Promise<Measured> => {
  const services = await startServices();
  const targets = await startTargets();
  const client = new DynamoDBClient({
    endpoint: services.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  await createTable(client, 'state');
  await createTable(client, 'telemetry');
  const telemetry = openTable('telemetry', Date.now, { client });
  const one = (what: string, contract: FunctionContract, eventOf: () => unknown, runs: Runs) => {
    onProgress(what);
    return measureOne(contract, bundles, services, eventOf, runs);
  };
  const { runner, dispatcher, sweeper, notifier, scaler, watchdog, rollup } = contracts;
  const few = { warm: 2, counted: 5 };
  const usual = { warm: 3, counted: slots };
  const url = (path: string) => `http://127.0.0.1:${targets.port}${path}`;
  const shard = (number: number) => `home.public.60.${number}`;
  try {
    const dispatcherIdle = await one('dispatcher, idle', dispatcher, tickEvent, few);
    const sweeperIdle = await one('sweeper, idle', sweeper, tickEvent, few);
    const notifierIdle = await one('notifier, idle', notifier, tickEvent, few);
    const scalerIdle = await one('scaler, idle', scaler, tickEvent, few);
    const watchdogIdle = await one('watchdog, idle', watchdog, tickEvent, few);
    const rollupIdle = await one('rollup, idle', rollup, tickEvent, few);
    for (const number of many(10, (at) => at)) {
      await writeShard(
        telemetry,
        shard(number),
        many(100, (at) => url(`/${at}`)),
      );
    }
    const hundred = await one('a slot of 100 checks', runner, () => slotEvent(shard(0)), usual);
    const watchdogTenShards = await one('watchdog, 1,000 checks', watchdog, tickEvent, few);
    await writeShard(
      telemetry,
      'home.public.60.10',
      many(10, (at) => url(`/${at}`)),
    );
    const ten = await one('a slot of 10 checks', runner, () => slotEvent('home.public.60.10'), usual);
    await writeShard(
      telemetry,
      'home.slow.60.0',
      many(5, () => url('/hanging')),
    );
    const hanging = await one('a slot of 5 that hang', runner, () => slotEvent('home.slow.60.0'), {
      warm: 3,
      counted: 3,
    });
    for (const number of many(990, (at) => at + 11)) {
      await listShard(telemetry, {
        shard: shard(number),
        planVersion: 1,
        nextNo: 101,
        entries: many(100, (at) => entryOf(at + 1, url('/'))),
      });
    }
    const dispatcherThousandShards = await one('dispatcher, 1,000 shards', dispatcher, tickEvent, few);
    return {
      hundred,
      ten,
      hanging,
      dispatcherIdle,
      dispatcherThousandShards,
      sweeperIdle,
      notifierIdle,
      scalerIdle,
      watchdogIdle,
      watchdogTenShards,
      rollupIdle,
    };
  } finally {
    client.destroy();
    services.close();
    targets.close();
  }
};
