/** What checks cost a month, from billed durations and capacity really measured: `node bench/cost.ts --help`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseConfig } from '../infra/config.ts';
import { synthesize } from '../infra/synth.ts';
import { pricesUsd, secondsPerMonth } from '../shared/platform/prices.ts';
import { floorOf, variableUsd } from './cost/bill.ts';
import { type Invocation, measure } from './cost/measure.ts';
import { printTable } from './table.ts';

const help = `node bench/cost.ts [--slots 20]

Runs the functions as they are deployed, each in a process with the CPU quota that its memory buys in Lambda (256 MB: 0.145
of a core), against DynamoDB (dynalite), SQS and EventBridge 4 ms away and http targets with usual delays (p50 120 ms, p95
400 ms, p99 1.5 s; five in a thousand hang). Prints billed milliseconds and capacity an invocation, and what checks each
minute cost a month at the list prices of us-east-1, the fixed floor of the stack beside. Needs root and a writable cgroup
for the quota. Exits with 1 when 1,000 checks cost more than 6 USD, or the floor more than 3.`;

const budget = { thousandUsd: 6, floorUsd: 3 };

const { values } = parseArgs({
  options: { slots: { type: 'string', default: '20' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(help);
  process.exit();
}

const row = (what: string, one: Invocation) => ({
  invocation: what,
  'billed ms': one.ms.toFixed(0),
  'init ms': one.initMs.toFixed(0),
  'write units': one.writeUnits.toFixed(1),
  'read units': one.readUnits.toFixed(1),
  'SQS requests': one.sqsRequests.toFixed(1),
});

const folder = mkdtempSync(join(tmpdir(), 'homeostat-cost-'));
try {
  const { templateFile, bundles } = await synthesize({ outdir: folder, config: parseConfig({}) });
  const measured = await measure(bundles, Number(values.slots), (what) =>
    console.error(`measuring: ${what}`),
  );
  printTable([
    row('runner: 100 checks', measured.hundred),
    row('runner: 10 checks', measured.ten),
    row('runner: 5 that hang, in a slow shard', measured.hanging),
    row('dispatcher, idle', measured.dispatcherIdle),
    row('dispatcher, 1,000 shards', measured.dispatcherThousandShards),
    row('sweeper, idle', measured.sweeperIdle),
    row('notifier, idle', measured.notifierIdle),
    row('scaler, idle', measured.scalerIdle),
    row('watchdog, idle', measured.watchdogIdle),
    row('watchdog, 1,000 checks', measured.watchdogTenShards),
    row('rollup, idle', measured.rollupIdle),
  ]);
  const floor = floorOf(templateFile, measured);
  console.log();
  printTable([
    ...floor.rows.map(({ item, usd }) => ({ 'fixed floor': item, 'USD a month': usd.toFixed(2) })),
    { 'fixed floor': 'all', 'USD a month': floor.usd.toFixed(2) },
  ]);
  console.log();
  const bills = [0, 10, 1000, 100_000].map((checks) => {
    const looks = checks * (secondsPerMonth / 60);
    return { checks, variable: variableUsd(checks, measured), peer: looks * pricesUsd.syntheticsRun };
  });
  printTable(
    bills.map(({ checks, variable, peer }) => ({
      'http checks a minute': checks,
      'variable USD': variable.toFixed(2),
      'with the floor USD': (variable + floor.usd).toFixed(2),
      'CloudWatch Synthetics USD': peer.toFixed(0),
    })),
  );
  const thousand = bills.find(({ checks }) => checks === 1000)?.variable ?? Number.NaN;
  if (!(thousand <= budget.thousandUsd) || !(floor.usd <= budget.floorUsd)) {
    console.error(
      `over the budget of ${budget.thousandUsd} USD for 1,000 checks and ${budget.floorUsd} for the floor`,
    );
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
