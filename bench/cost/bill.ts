import { readFileSync } from 'node:fs';
import { pricesUsd, secondsPerMonth } from '../../shared/platform/prices.ts';
import type { Invocation, Measured } from './measure.ts';

const minutes = secondsPerMonth / 60;

const usdOf = (one: Invocation): number =>
  (one.ms / 1000) * (one.memoryMb / 1024) * pricesUsd.lambdaArmGbSecond +
  pricesUsd.lambdaRequest +
  one.writeUnits * pricesUsd.dynamodbWriteUnit +
  one.readUnits * pricesUsd.dynamodbReadUnit +
  one.sqsRequests * pricesUsd.sqsRequest;

/** A slot: the runner, and its message received and deleted alone; its sending is the dispatcher's. */
export const slotUsd = (one: Invocation): number => usdOf(one) + 2 * pricesUsd.sqsRequest;

export type Floor = {
  readonly rows: readonly { readonly item: string; readonly usd: number }[];
  readonly usd: number;
};

/** What the stack costs while it watches nothing, counted in its own template. */
export const floorOf = (templateFile: string, measured: Measured): Floor => {
  const { Resources } = JSON.parse(readFileSync(templateFile, 'utf8')) as {
    Resources: Record<string, { Type: string }>;
  };
  const count = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type).length;
  const [alarms, secrets] = [count('AWS::CloudWatch::Alarm'), count('AWS::SecretsManager::Secret')];
  const queues = count('AWS::Lambda::EventSourceMapping');
  const workflows = count('AWS::StepFunctions::StateMachine');
  const ticks = [
    [measured.dispatcherIdle, minutes],
    [measured.sweeperIdle, minutes],
    [measured.notifierIdle, minutes],
    [measured.scalerIdle, minutes],
    [measured.watchdogIdle, minutes / 5],
    [measured.rollupIdle, minutes / 60],
  ] as const;
  const ticksUsd = ticks.reduce(
    (sum, [one, times]) => sum + times * (usdOf(one) + pricesUsd.schedulerInvocation),
    0,
  );
  const rows = [
    { item: `${alarms} alarms`, usd: alarms * pricesUsd.cloudwatchAlarmMonth },
    { item: `${secrets} secrets`, usd: secrets * pricesUsd.secretMonth },
    { item: `${queues} polled queues`, usd: queues * pricesUsd.polledQueueMonth },
    { item: 'dispatcher, sweeper, notifier, scaler, watchdog, rollup, idle', usd: ticksUsd },
    // Paid by the state entered; what is found reaches the responder by a rule, which asks nobody.
    { item: `${workflows} workflows and the responder, while nothing is remedied`, usd: 0 },
  ];
  return { rows, usd: rows.reduce((sum, { usd }) => sum + usd, 0) };
};

/** Of the results of three days; hours and days are a twentieth of that. */
const storedGbPerShard = (1100 * 1.05 * 3 * 1440) / 1e9;
/** Rolling up an hour of a shard: 60 results of 1 KB read, an hour of some KB written; and 100 days a day. */
const rollupUsdPerShard =
  720 * (8 * pricesUsd.dynamodbReadUnit + 4 * pricesUsd.dynamodbWriteUnit) +
  30 * 100 * pricesUsd.dynamodbWriteUnit;

/** What so many http checks a minute add, of which five in a thousand hang and sit in slow shards of 25. USD a month. */
export const variableUsd = (checks: number, measured: Measured): number => {
  if (checks === 0) return 0;
  const hanging = Math.round(checks * 0.005);
  const well = checks - hanging;
  const shards = Math.ceil(well / 100);
  const slowShards = Math.ceil(hanging / 25);
  const perShard = (slotUsd(measured.hundred) - slotUsd(measured.ten)) / 90;
  const slots = shards * slotUsd(measured.ten) + (well - shards * 10) * perShard;
  const slow = slowShards * slotUsd(measured.hanging);
  const dispatcherUsd = usdOf(measured.dispatcherThousandShards) - usdOf(measured.dispatcherIdle);
  const watchdogUsd = usdOf(measured.watchdogTenShards) - usdOf(measured.watchdogIdle);
  const all = shards + slowShards;
  return (
    minutes * (Math.max(0, slots) + slow + (dispatcherUsd / 1000) * all + (watchdogUsd / 10 / 5) * all) +
    all * (storedGbPerShard * pricesUsd.dynamodbGbMonth + rollupUsdPerShard)
  );
};
