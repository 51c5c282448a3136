import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { builtinRules, isBuiltin } from '../../../shared/alerting/builtin.ts';
import {
  ruleDefinitionSchema,
  ruleInDeploymentSchema,
  ruleReplacementSchema,
  ruleViewSchema,
} from '../../../shared/alerting/model.ts';
import { needsTicks } from '../../../shared/alerting/needs-ticks.ts';
import { resolveRule } from '../../../shared/alerting/resolve.ts';
import { type RuleType, ruleTypes } from '../../../shared/alerting/rule.ts';
import { viewRule, writtenRuleOf } from '../../../shared/alerting/written.ts';
import { toFieldFaults } from '../../../shared/platform/api/faults.ts';
import { DomainError } from '../../../shared/platform/errors.ts';
import { definitionOf, recordOf } from './rules.ts';

/** One of each type, with everything that it knows. */
const rules: Readonly<Record<RuleType, Readonly<Record<string, unknown>>>> = {
  threshold: {
    condition: {
      series: 'queue.depth',
      checks: ['home'],
      kinds: ['http'],
      tags: { team: 'web' },
      per: 'deployment',
      aggregate: 'p99.9',
      window: '10m',
      step: '1m',
      match: 'always',
      thresholds: [
        { operator: '>', value: 10 },
        { severity: 'critical', operator: '>=', value: 20, recovery: 15, channels: ['pager'] },
      ],
    },
  },
  error_rate: { condition: { above: 5, recovery: 2, window: '15m', per: 'rule' } },
  downtime: { condition: { longerThan: '2m', degraded: true, unknown: true, kinds: ['tcp'] } },
  performance: {
    condition: {
      aggregate: 'avg',
      thresholds: [{ above: '500ms' }, { above: 2, recovery: '1s', severity: 'error' }],
    },
  },
  absence: { condition: { series: 'orders', window: '1h' } },
  finding: { condition: { kinds: ['drift'], minSeverity: 'error', tags: { a: 'b' }, severityFrom: 'rule' } },
  external: { condition: { sources: ['guardduty', 'health'], name: 'shop-.*', minSeverity: 'warning' } },
  custom: {
    condition: {
      expression: 'a / max(b, 1) > 5',
      series: { a: { series: 'x', aggregate: 'sum', window: '1h' }, b: { series: 'y', checks: ['home'] } },
    },
  },
  composite: { condition: { all: ['a', { not: { any: ['b', 'c'] } }], per: 'subject' } },
};

const whole = {
  severity: 'error',
  channels: ['ops', 'pager'],
  for: '90s',
  keepFiringFor: '2m',
  cooldown: '1h',
  noData: 'fire',
  minCoverage: 0.8,
  groupBy: 'rule',
  escalation: [
    { after: '10m', channels: ['pager'], severity: 'critical' },
    { after: '1h', channels: ['boss'] },
  ],
  runbookUrl: 'https://wiki.example.com/runbooks/slow',
  description: 'The shop is slow.',
  tags: { team: 'web' },
  isActive: false,
};

describe('a rule', () => {
  it.each(ruleTypes.map((type) => [type, rules[type]] as const))(
    'of the type %s comes back as it was written, and saved again is the same',
    (type, written) => {
      for (const input of [
        { type, ...written },
        { type, ...whole, ...written },
      ]) {
        const definition = definitionOf(input);
        const again = writtenRuleOf(definition);
        expect(resolveRule(ruleDefinitionSchema.parse(JSON.parse(JSON.stringify(again))))).toEqual(
          definition,
        );
        expect(() => ruleViewSchema.parse(viewRule(recordOf(input)))).not.toThrow();
      }
    },
  );

  it('shows durations in seconds and conditions without what was derived from them', () => {
    expect(viewRule(recordOf({ type: 'custom', ...whole, ...rules.custom }))).toMatchObject({
      for: 90,
      keepFiringFor: 120,
      cooldown: 3600,
      escalation: [
        { after: 600, channels: ['pager'], severity: 'critical' },
        { after: 3600, channels: ['boss'] },
      ],
      condition: {
        expression: 'a / max(b, 1) > 5',
        series: { a: { series: 'x', aggregate: 'sum', window: 3600 }, b: { aggregate: 'avg', window: 300 } },
        per: 'check',
      },
      lastTriggered: null,
    });
    expect(viewRule(recordOf({ type: 'custom', ...rules.custom })).condition).not.toHaveProperty('program');
  });

  it('tells at once and as often as it comes true, when nothing else is said', () => {
    expect(definitionOf({ type: 'downtime' })).toEqual({
      deploymentId: 'shop',
      name: 'a rule',
      type: 'downtime',
      severity: 'critical',
      condition: { longerThan: 0, degraded: false, unknown: false },
      channels: [],
      forSeconds: 0,
      keepFiringSeconds: 0,
      cooldownSeconds: 0,
      noData: 'keep',
      minCoverage: 0.5,
      groupBy: 'deployment',
      escalation: [],
      tags: {},
      isActive: true,
    });
  });

  it.each<[given: unknown, deploymentId: string | null]>([
    [undefined, 'default'],
    ['shop', 'shop'],
    ['*', null],
    [null, null],
  ])('belongs with deploymentId %j to %j', (deploymentId, expected) => {
    const input = { name: 'x', type: 'downtime', ...(deploymentId !== undefined && { deploymentId }) };
    expect(ruleDefinitionSchema.parse(input).deploymentId).toBe(expected);
  });

  it('is judged every 30 s if it looks at series or asks a function, else at events', () => {
    const ticked = ruleTypes.filter((type) => needsTicks(definitionOf({ type, ...rules[type] })));
    expect(ticked).toEqual(['threshold', 'error_rate', 'performance', 'absence', 'custom']);
    const asked = { function: 'arn:aws:lambda:eu-central-1:111122223333:function:verdict:live' };
    expect(needsTicks(definitionOf({ type: 'custom', condition: asked }))).toBe(true);
  });

  it('can be described by a JSON Schema', () => {
    for (const schema of [
      ruleDefinitionSchema,
      ruleInDeploymentSchema,
      ruleReplacementSchema,
      ruleViewSchema,
    ]) {
      expect(z.toJSONSchema(schema as z.ZodType, { io: 'input' })).toBeTypeOf('object');
    }
  });
});

const faultsOf = (input: Readonly<Record<string, unknown>>) => {
  const parsed = ruleDefinitionSchema.safeParse({ name: 'x', ...input });
  if (!parsed.success) return toFieldFaults(parsed.error.issues);
  try {
    resolveRule(parsed.data);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ code: 'ALERT_ERROR' });
    return (error as DomainError).fields;
  }
};

const threshold = (condition: object) => ({
  type: 'threshold',
  condition: { series: 'x', thresholds: [{ operator: '>', value: 1 }], ...condition },
});
const custom = (expression: string, more: object = {}) => ({
  type: 'custom',
  condition: { expression, series: { a: { series: 'x' } }, ...more },
});

describe('what cannot work is refused, and says what to write', () => {
  it.each<[input: Readonly<Record<string, unknown>>, path: string, message: string | RegExp]>([
    [{ type: 'magic' }, 'type', /^Give one of threshold, error_rate, .*composite\.$/],
    [{ type: 'downtime', deploymentId: '..' }, 'deploymentId', /^Give 1 to 100 letters, digits,/],
    [{ type: 'downtime', severity: 'fatal' }, 'severity', 'Give one of info, warning, error, critical.'],
    [
      { type: 'downtime', for: 'soon' },
      'for',
      'Give seconds as a number, or a duration such as 10s, 5m or 1h.',
    ],
    [{ type: 'downtime', for: '2d' }, 'for', 'Give at most 1 d.'],
    [
      { type: 'downtime', cooldown: -1 },
      'cooldown',
      'Give seconds as a number, or a duration such as 10s, 5m or 1h.',
    ],
    [{ type: 'downtime', minCoverage: 50 }, 'minCoverage', 'Give a share from 0 to 1.'],
    [{ type: 'downtime', noData: 'maybe' }, 'noData', 'Give one of ignore, zero, fire, keep.'],
    [{ type: 'downtime', channels: ['a', 'a'] }, 'channels', 'Name each channel once.'],
    [
      { type: 'downtime', runbookUrl: 'javascript:alert(1)' },
      'runbookUrl',
      'Give an http or https URL without a user name.',
    ],
    [
      { type: 'downtime', runbookUrl: 'https://me:pw@wiki.example.com/' },
      'runbookUrl',
      'Give an http or https URL without a user name.',
    ],
    [{ type: 'downtime', name: 'two\nlines' }, 'name', 'Leave out control characters and line breaks.'],
    [
      { type: 'downtime', threshold: 5 },
      'threshold',
      'There is no such field here: remove it, or check its spelling.',
    ],
    [
      { type: 'downtime', condition: { longer: 5 } },
      'condition.longer',
      'There is no such field here: remove it, or check its spelling.',
    ],
    [
      {
        type: 'downtime',
        escalation: [
          { after: '10m', channels: ['a'] },
          { after: '5m', channels: ['b'] },
        ],
      },
      'escalation',
      'Give the steps in their order, each later than the one before.',
    ],
    [
      { type: 'downtime', escalation: [{ after: '10m', channels: [] }] },
      'escalation[0].channels',
      'Name at least one channel.',
    ],
    [{ type: 'downtime', tags: { x: 'y'.repeat(201) } }, 'tags.x', 'Give at most 200 characters.'],
    [{ type: 'threshold' }, 'condition', 'This is needed: give an object.'],
    [threshold({ thresholds: [] }), 'condition.thresholds', 'Give at least one threshold.'],
    [
      threshold({ thresholds: [{ operator: 'over', value: 1 }] }),
      'condition.thresholds[0].operator',
      'Give one of > >= < <= == !=',
    ],
    [
      threshold({ thresholds: [{ operator: '>', value: 5, recovery: 6 }] }),
      'condition.thresholds[0].recovery',
      'Give 5 or less: it must lie on the good side of the bound.',
    ],
    [
      threshold({ thresholds: [{ operator: '<', value: 5, recovery: 4 }] }),
      'condition.thresholds[0].recovery',
      'Give 5 or more: it must lie on the good side of the bound.',
    ],
    [
      threshold({ thresholds: [{ operator: '==', value: 5, recovery: 5 }] }),
      'condition.thresholds[0].recovery',
      'Leave it out: with == there is nothing between crossed and recovered.',
    ],
    [
      threshold({ aggregate: 'median' }),
      'condition.aggregate',
      'Give one of avg, min, max, sum, count, rate, or a percentile from p50 to p99.9.',
    ],
    [threshold({ aggregate: 'p100' }), 'condition.aggregate', /a percentile from p50 to p99\.9/],
    [threshold({ window: '10s' }), 'condition.window', 'Give 30 s to 1 d.'],
    [
      threshold({ window: '5m', step: '2m' }),
      'condition.step',
      'Give a step that divides the window of 5 min evenly.',
    ],
    [
      threshold({ window: '24h', step: '1m' }),
      'condition.step',
      'Give a longer step: at most 288 fit a window.',
    ],
    [threshold({ match: 'most' }), 'condition.match', 'Give one of once, always, average, total, last.'],
    [
      { type: 'performance', condition: {} },
      'condition.above',
      'Give either `above`, or several `thresholds`.',
    ],
    [
      { type: 'performance', condition: { above: 1, thresholds: [{ above: 2 }] } },
      'condition.above',
      'Give either `above`, or several `thresholds`.',
    ],
    [
      { type: 'performance', condition: { above: '500ms', recovery: '600ms' } },
      'condition.recovery',
      'Give 500 ms or less: it must lie on the good side of the bound.',
    ],
    [{ type: 'error_rate', condition: { above: 101 } }, 'condition.above', 'Give percent, 0 to 100.'],
    [
      { type: 'external', condition: { name: '(?=x)' } },
      'condition.name',
      /^Give a pattern that RE2 knows: /,
    ],
    [
      custom('a >'),
      'condition.expression',
      'Write a number, the name of a series, or something in ( ) (column 4).',
    ],
    [custom('a'), 'condition.expression', 'Compare with something, such as a > 5, or give thresholds.'],
    [custom('1 > 2', { series: {} }), 'condition.expression', 'Use at least one series.'],
    [custom('a > b'), 'condition.series', 'Say what b of the expression is.'],
    [
      custom('a > 5', { series: { a: { series: 'x' }, c: { series: 'y' } } }),
      'condition.series',
      'Leave out c: the expression does not use it.',
    ],
    [
      custom('a > 5', { thresholds: [{ operator: '>', value: 1 }] }),
      'condition.thresholds',
      'Leave them out, or give an expression without a comparison.',
    ],
    [
      { type: 'custom', condition: {} },
      'condition',
      'Give {expression, series}, or {function} with the ARN of a function.',
    ],
    [
      { type: 'custom', condition: { function: 'verdict' } },
      'condition.function',
      'Give the ARN of a Lambda function.',
    ],
    [
      { type: 'composite', condition: {} },
      'condition',
      'Give one of all, any and not, with the names of rules.',
    ],
    [
      { type: 'composite', condition: { all: ['a'], any: ['b'] } },
      'condition',
      'Give one of all, any and not, with the names of rules.',
    ],
    [{ type: 'composite', condition: { all: [] } }, 'condition.all', 'Name at least one rule.'],
    [
      { type: 'composite', condition: { all: [{ any: [] }] } },
      'condition.all[0].any',
      'Name at least one rule.',
    ],
    [
      { type: 'composite', condition: { all: [5] } },
      'condition.all[0]',
      'Give the name of a rule, or one of {all}, {any} and {not}.',
    ],
    [
      { type: 'composite', condition: { any: ['x'] } },
      'condition',
      'Name other rules: this one cannot hang on itself.',
    ],
    [
      { type: 'composite', condition: { not: 'a', per: 'subject' } },
      'condition',
      'Per subject it must take at least one rule that fires. Add one with all, or leave `per` at rule.',
    ],
    [
      { type: 'composite', condition: { any: ['a', { not: 'b' }], per: 'deployment' } },
      'condition',
      'Per deployment it must take at least one rule that fires. Add one with all, or leave `per` at rule.',
    ],
    [
      { type: 'composite', condition: { any: Array.from({ length: 21 }, (_, index) => `r${index}`) } },
      'condition.any',
      /20/,
    ],
    [
      {
        type: 'composite',
        condition: { all: Array.from({ length: 11 }, (_, index) => ({ any: [`a${index}`, `b${index}`] })) },
      },
      'condition',
      'Name at most 20 rules.',
    ],
    [
      {
        type: 'downtime',
        tags: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`t${index}`, 'y'.repeat(200)])),
        description: 'd'.repeat(1000),
        escalation: Array.from({ length: 10 }, (_, index) => ({
          after: 60 * (index + 1),
          channels: Array.from({ length: 20 }, (_none, no) => `${no}`.padStart(30, 'c')),
        })),
      },
      '',
      'Make the rule smaller: it may have 8000 bytes as JSON.',
    ],
  ])('%j: %s', (input, path, message) => {
    const faults = faultsOf(input);
    expect(faults.map((one) => one.path)).toContain(path);
    const told = faults.find((one) => one.path === path)?.message;
    if (typeof message === 'string') expect(told).toBe(message);
    else expect(told).toMatch(message);
  });

  it('names like __proto__ are refused, and change nothing (fault 31)', () => {
    const condition = JSON.parse(
      '{"expression": "a > 1", "series": {"a": {"series": "x"}, "__proto__": {"series": "y"}}}',
    );
    const parsed = ruleDefinitionSchema.safeParse({ name: 'x', type: 'custom', condition });
    if (parsed.success) expect(Object.keys(parsed.data.condition.series as object)).toEqual(['a']);
    expect(({} as Record<string, unknown>).series).toBeUndefined();
    expect(faultsOf(custom('__proto__ > 1'))[0]?.message).toBe('Say what __proto__ of the expression is.');
    expect(faultsOf(custom('constructor > 1'))[0]?.message).toBe(
      'Say what constructor of the expression is.',
    );
  });
});

describe('the built-in rules', () => {
  it('are on without anybody writing them, for all deployments', () => {
    expect(
      builtinRules().map(({ definition }) => [definition.name, definition.type, definition.severity]),
    ).toEqual([
      ['Service Down', 'downtime', 'critical'],
      ['Critical Drift', 'finding', 'critical'],
      ['Cost Overrun', 'finding', 'warning'],
      ['Compliance Violation', 'finding', 'error'],
      ['Remediation Failed', 'finding', 'critical'],
      ['Monitor Blind', 'finding', 'critical'],
    ]);
    for (const { definition, managedBy, revision, id } of builtinRules()) {
      expect([definition.deploymentId, definition.isActive, managedBy, revision]).toEqual([
        null,
        true,
        'builtin',
        0,
      ]);
      expect(isBuiltin(id)).toBe(true);
    }
  });

  it('are rules as anybody could write them, under the same id', () => {
    for (const record of builtinRules()) {
      const again = recordOf(writtenRuleOf(record.definition));
      expect(again.definition).toEqual(record.definition);
      expect(again.id).toBe(record.id);
      expect(ruleViewSchema.parse(viewRule(record))).toMatchObject({ createdAt: null, updatedAt: null });
    }
  });
});
