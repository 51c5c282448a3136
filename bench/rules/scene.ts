import { randomUUID } from 'node:crypto';
import { needsTicks } from '../../shared/alerting/needs-ticks.ts';
import { type RuleDefinition, type RuleRecord, ruleIdOf, ruleKey } from '../../shared/alerting/rule.ts';
import { bytesOf, writeRulePlan } from '../../shared/alerting/rule-plan.ts';
import { familyOf, listRuleShard, ruleShardOf } from '../../shared/alerting/shard-list.ts';
import { type CheckRecord, checkIdOf, checkKey } from '../../shared/health/check.ts';
import { toResultsItem } from '../../shared/health/slot-results.ts';
import { inParallel } from '../../shared/platform/in-parallel.ts';
import type { Item, Table } from '../../shared/storage/index.ts';

/** So many rules watch these checks: ten of each, by four types, in windows of five minutes. */
export const deployments = 100;
export const checksEach = 10;
export const rulesEach = 100;
const checksPerShard = 100;
const rulesPerShard = 100;
const minuteMs = 60_000;

const deploymentOf = (no: number): string => `deployment-${no}`;
const nameOf = (no: number): string => `check number ${no}`;
const shardOf = (check: number): string => `home.public.60.${Math.floor(check / checksPerShard)}`;

const conditions: readonly (readonly [RuleDefinition['type'], Readonly<Record<string, unknown>>])[] = [
  ['performance', { per: 'check', aggregate: 'p95', window: 300, above: 2 }],
  ['error_rate', { per: 'check', window: 300, above: 0.5 }],
  ['absence', { per: 'check', series: 'check.up', window: 600 }],
  [
    'threshold',
    {
      per: 'check',
      series: 'check.response_time_ms',
      aggregate: 'avg',
      window: 300,
      match: 'average',
      thresholds: [{ operator: '>', value: 1500 }],
    },
  ],
];

const ruleOf = (deploymentId: string, no: number, now: number): RuleRecord => {
  const [type, condition] = conditions[no % conditions.length] ?? ['absence', {}];
  const name = `rule number ${no}`;
  return {
    id: ruleIdOf(deploymentId, name),
    definition: {
      deploymentId,
      name,
      type,
      severity: 'error',
      condition: { ...condition, checks: [nameOf(no % checksEach)] },
      channels: ['on-call'],
      forSeconds: 60,
      keepFiringSeconds: 0,
      cooldownSeconds: 300,
      noData: 'keep',
      minCoverage: 0.5,
      groupBy: 'deployment',
      escalation: [],
      runbookUrl: 'https://runbooks.example.com/slow',
      tags: { team: 'platform' },
      isActive: true,
    },
    revision: 1,
    managedBy: 'api',
    createdAt: now,
    updatedAt: now,
  };
};

const writeChecks = async (state: Table, now: number): Promise<void> => {
  for (let no = 0; no < deployments * checksEach; no++) {
    const [deploymentId, name] = [deploymentOf(Math.floor(no / checksEach)), nameOf(no % checksEach)];
    const created = now - 30 * 86_400_000;
    const check: CheckRecord = {
      id: checkIdOf(deploymentId, name),
      accountId: '123456789012',
      region: 'us-east-1',
      location: 'home',
      definition: {
        deploymentId,
        name,
        type: 'http',
        target: 'https://shop.example.com/health',
        intervalSeconds: 60,
        timeoutSeconds: 5,
        retries: 1,
        failureThreshold: 3,
        successThreshold: 2,
        network: 'public',
        tags: { team: 'platform' },
        config: {},
        isActive: true,
      },
      revision: 1,
      managedBy: 'file',
      createdAt: created,
      updatedAt: created,
      placements: [{ shard: shardOf(no), no: (no % checksPerShard) + 1, revision: 1, placedAt: created }],
    };
    await state.put({ ...checkKey(check.id), v: 1, ...check } as unknown as Item);
  }
};

/** Results of healthy checks for a quarter of an hour, and for the minutes that the bench takes. */
const writeResults = async (telemetry: Table, now: number): Promise<void> => {
  const nos = Array.from({ length: checksPerShard }, (_, at) => at + 1);
  for (let shard = 0; shard < (deployments * checksEach) / checksPerShard; shard++) {
    for (let minute = -15; minute < 10; minute++) {
      const seen = nos.map((no) => ({
        no,
        rev: 1,
        status: 'healthy' as const,
        reason: null,
        phases: { dns: no % 7, connect: 20 + (no % 11), total: 80 + ((no * 37 + minute * 13) % 140) },
        attempts: 1,
        statusCode: 200,
      }));
      const at = Math.floor(now / minuteMs) * minuteMs + minute * minuteMs + shard * 1000;
      const results = {
        shard: `home.public.60.${shard}`,
        at,
        planVersion: 1,
        attempt: randomUUID(),
        loopDelayMs: 1,
        seen,
      };
      await telemetry.put(toResultsItem(results, Math.floor(now / 1000) + 86_400));
    }
  }
};

/** The rules as the evaluator would have placed them; returns their shards. */
const writeRules = async (state: Table, telemetry: Table, now: number): Promise<readonly string[]> => {
  const rules = Array.from({ length: deployments }, (_, deployment) =>
    Array.from({ length: rulesEach }, (__, no) => ruleOf(deploymentOf(deployment), no, now)),
  ).flat();
  if (!rules.every(({ definition }) => needsTicks(definition)))
    throw new Error('all of them are judged by ticks');
  await inParallel(rules, 32, (rule) => state.put({ ...ruleKey(rule.id), v: 1, ...rule } as unknown as Item));
  const shards: string[] = [];
  for (const [family, all] of Map.groupBy(rules, ({ id }) => familyOf(id))) {
    for (let from = 0; from < all.length; from += rulesPerShard) {
      const shard = ruleShardOf(family, from / rulesPerShard);
      const held = all.slice(from, from + rulesPerShard);
      await writeRulePlan(telemetry, { shard, version: 1, rules: held }, randomUUID());
      await listRuleShard(telemetry, { shard, version: 1, active: held.length, bytes: bytesOf(held) });
      shards.push(shard);
    }
  }
  return shards;
};

/** Puts checks, their results and 10,000 rules into the tables. */
export const writeScene = async (state: Table, telemetry: Table, now: number): Promise<readonly string[]> => {
  await writeChecks(state, now);
  await writeResults(telemetry, now);
  return writeRules(state, telemetry, now);
};
