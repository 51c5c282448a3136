import { describe, expect, test } from 'vitest';
import { latencyBadge, uptimeBadge } from '../../../shared/health/badge.ts';
import { emptyHead } from '../../../shared/health/head.ts';
import { readMetricFacts, toMetricsText } from '../../../shared/health/metrics.ts';
import { listShard } from '../../../shared/health/shard-list.ts';
import { writeHead, writePlan } from '../../../shared/health/telemetry.ts';
import { noon, planOf, stateOf } from './builders.ts';
import { memoryTable } from './memory-table.ts';

describe('metrics of many checks', () => {
  const world = async () => {
    const table = memoryTable();
    for (const [shard, deploymentId] of [
      ['home.public.60.0', 'shop'],
      ['home.public.60.1', 'blog'],
    ] as const) {
      const own = { deploymentId };
      const plan = planOf(shard, [1, 2, 3], { 1: own, 2: own, 3: { ...own, type: 'tcp' } });
      await writePlan(table, plan, 'plan');
      await listShard(table, plan);
      const state = stateOf({ looks: 5, failedLooks: 1 });
      const checks = new Map([1, 2, 3].map((no) => [no, state] as const));
      await writeHead(table, { ...emptyHead(shard), version: 1, slotAt: noon, checks }, 'head');
    }
    return table;
  };
  const samples = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  test('up to the limit each check has its own series', async () => {
    const facts = await readMetricFacts(await world(), noon, '*', 6);
    const text = await toMetricsText(facts);
    expect(samples(text).filter((line) => line.includes('check="'))).toHaveLength(6 * 4);
  });

  test('beyond it they are summed by deployment and type, so that an answer stays bounded', async () => {
    const text = await toMetricsText(await readMetricFacts(await world(), noon, '*', 5));
    expect(samples(text)).toEqual(
      expect.arrayContaining([
        'health_checks_total{deployment="shop",type="http"} 10',
        'health_checks_total{deployment="blog",type="tcp"} 5',
        'health_check_failures_total{deployment="blog",type="http"} 2',
        'health_checks_by_status{deployment="shop",type="http",status="healthy"} 2',
      ]),
    );
    expect(text).not.toContain('check="');
  });

  test('the limit counts what the token reaches', async () => {
    const text = await toMetricsText(await readMetricFacts(await world(), noon, ['blog'], 3));
    expect(samples(text).filter((line) => line.includes('check="'))).toHaveLength(3 * 4);
    expect(text).not.toContain('shop');
  });
});

describe('what a badge says', () => {
  test.each([
    [100, '100 %', 'brightgreen'],
    [99.9999, '99.99 %', 'brightgreen'],
    [99.5, '99.5 %', 'green'],
    [98, '98 %', 'yellowgreen'],
    [97.1234, '97.12 %', 'yellow'],
    [90, '90 %', 'orange'],
    [0, '0 %', 'red'],
    [null, 'unknown', 'lightgrey'],
  ])('an uptime of %s is shown as %s in %s', (uptimePercent, message, color) => {
    expect(uptimeBadge('web', { uptimePercent })).toEqual({ label: 'web', message, color });
  });

  test('a response time is the average in whole milliseconds, or unknown', () => {
    const responseTimeMs = { average: 123.6, p50: 1, p95: 1, p99: 1 };
    expect(latencyBadge('web', { responseTimeMs }).message).toBe('124 ms');
    expect(latencyBadge('web', { responseTimeMs: null }).message).toBe('unknown');
  });
});
