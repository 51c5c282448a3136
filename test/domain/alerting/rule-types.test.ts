import { describe, expect, it } from 'vitest';
import { ruleIdOf } from '../../../shared/alerting/rule.ts';
import { circleIn, memberNames } from '../../../shared/alerting/types/composite.ts';
import { typeOf } from '../../../shared/alerting/types/registry.ts';
import type { ExternalSignal, RuleState } from '../../../shared/alerting/types/type.ts';
import type { CheckStatus, EventDetails, Severity } from '../../../shared/platform/events.ts';
import { at, checkSubject, definitionOf, judged, noon, pointsUntilNoon, seriesOf } from './rules.ts';

const verdictsOf = (readings: readonly { readonly verdict: string }[]) =>
  readings.map(({ verdict }) => verdict);

describe('several thresholds', () => {
  const rule = definitionOf({
    type: 'threshold',
    severity: 'info',
    channels: ['ops'],
    condition: {
      series: 'queue.depth',
      window: '2m',
      thresholds: [
        { operator: '>', value: 10 },
        { severity: 'critical', operator: '>', value: 100, recovery: 80, channels: ['pager'] },
        { severity: 'warning', operator: '>', value: 50, recovery: 40 },
      ],
    },
  });

  it.each<[value: number, verdict: string, severity: Severity, holds: Severity | undefined]>([
    [5, 'clear', 'info', undefined],
    [11, 'breached', 'info', 'info'],
    [45, 'breached', 'info', 'warning'],
    [51, 'breached', 'warning', 'warning'],
    [90, 'breached', 'warning', 'critical'],
    [101, 'breached', 'critical', 'critical'],
  ])('at %d it is %s with %s, and holds %s', async (value, verdict, severity, holds) => {
    const [reading] = await judged(rule, { series: [[seriesOf(pointsUntilNoon([value, value]))]] });
    expect(reading).toMatchObject({ verdict, severity });
    expect(reading?.holds).toBe(holds);
    expect(reading?.channels).toEqual(severity === 'critical' ? ['pager'] : undefined);
  });

  it('between bound and recovery is neither crossed nor clear', async () => {
    const single = definitionOf({
      type: 'threshold',
      condition: {
        series: 'disk.free',
        window: '2m',
        thresholds: [{ operator: '<', value: 10, recovery: 20 }],
      },
    });
    const found = await Promise.all(
      [9, 10, 19, 20].map((value) =>
        judged(single, { series: [[seriesOf(pointsUntilNoon([value, value]))]] }),
      ),
    );
    expect(verdictsOf(found.flat())).toEqual(['breached', 'between', 'between', 'clear']);
    expect(found[1]?.[0]?.reason).toBe('average disk.free 10 over 2 min is not below 10, but not back to 20');
  });
});

describe('what a series rule asks for', () => {
  it('is the window until now, of the checks that it selects in its deployment', () => {
    const rule = definitionOf({
      type: 'performance',
      condition: { above: '500ms', window: '10m', kinds: ['http'], tags: { team: 'shop' } },
    });
    expect(typeOf('performance').queries?.({ rule, now: noon })).toEqual([
      {
        series: 'check.response_time_ms',
        selector: { deploymentId: 'shop', kinds: ['http'], tags: { team: 'shop' } },
        fromAt: at(-600),
        toAt: noon,
      },
    ]);
  });

  it('is everywhere, for a rule of all deployments', () => {
    const rule = definitionOf({ type: 'error_rate', deploymentId: '*', condition: { above: 5 } });
    expect(typeOf('error_rate').queries?.({ rule, now: noon })[0]?.selector).toEqual({ deploymentId: null });
  });
});

describe('performance', () => {
  it('holds the p95 of the window against a duration', async () => {
    const rule = definitionOf({ type: 'performance', condition: { above: '0.5s', window: '20m' } });
    const mostlyFast = [...Array(19).fill(100), 9000];
    const [one] = await judged(rule, { series: [[seriesOf(pointsUntilNoon(mostlyFast))]] });
    expect(one).toMatchObject({ verdict: 'clear', value: 100 });
    const [two] = await judged(rule, {
      series: [[seriesOf(pointsUntilNoon([...mostlyFast.slice(1), 812]))]],
    });
    expect(two).toMatchObject({
      verdict: 'breached',
      value: 812,
      reason: 'p95 response time 812 ms over 20 min is above 500 ms',
    });
  });

  it('takes several bounds, each with its severity', async () => {
    const rule = definitionOf({
      type: 'performance',
      condition: {
        aggregate: 'avg',
        window: '2m',
        thresholds: [{ above: '70ms' }, { above: 1, recovery: '900ms', severity: 'critical' }],
      },
    });
    const found = await Promise.all(
      [70, 71, 950, 1001].map((value) =>
        judged(rule, { series: [[seriesOf(pointsUntilNoon([value, value]))]] }),
      ),
    );
    expect(found.flat().map(({ verdict, severity, holds }) => [verdict, severity, holds])).toEqual([
      ['clear', 'warning', undefined],
      ['breached', 'warning', 'warning'],
      ['breached', 'warning', 'critical'],
      ['breached', 'critical', 'critical'],
    ]);
  });
});

describe('error_rate', () => {
  it('is the share of failed looks in percent', async () => {
    const rule = definitionOf({ type: 'error_rate', condition: { above: 7, window: '100m' } });
    const looks = (failed: number) => [...Array(failed).fill(1), ...Array(100 - failed).fill(0)];
    const at7 = await judged(rule, { series: [[seriesOf(pointsUntilNoon(looks(7)))]] });
    const at8 = await judged(rule, { series: [[seriesOf(pointsUntilNoon(looks(8)))]] });
    expect([...at7, ...at8].map(({ verdict, value }) => [verdict, value])).toEqual([
      ['clear', 7],
      ['breached', 8],
    ]);
    expect(at8[0]?.reason).toBe('share of failed looks 8 % over 100 min is above 7 %');
  });

  it('is judged for each check, for a deployment, or for all together', async () => {
    const good = seriesOf(pointsUntilNoon([0, 0, 0, 0]), { subject: checkSubject('good') });
    const bad = seriesOf(pointsUntilNoon([1, 1, 0, 0]), { subject: checkSubject('bad') });
    const other = seriesOf(pointsUntilNoon([0, 0, 0, 0]), {
      subject: checkSubject('far', { deployment: 'blog' }),
    });
    const found = async (per: string) =>
      (
        await judged(
          definitionOf({
            type: 'error_rate',
            deploymentId: '*',
            name: 'errors',
            condition: { above: 20, per, window: '4m' },
          }),
          { series: [[good, bad, other]] },
        )
      ).map(({ subject, verdict, value }) => [subject.key, verdict, value]);
    expect(await found('check')).toEqual([
      ['check:shop/good', 'clear', 0],
      ['check:shop/bad', 'breached', 50],
      ['check:blog/far', 'clear', 0],
    ]);
    expect(await found('deployment')).toEqual([
      ['deployment:shop', 'breached', 25],
      ['deployment:blog', 'clear', 0],
    ]);
    expect(await found('rule')).toEqual([['rule', 'clear', 16.6667]]);
  });
});

describe('downtime', () => {
  const seen = (status: CheckStatus) => ({
    statuses: [{ subject: checkSubject(), status, since: at(-90), reason: 'status 503 is not 200' }],
  });
  it.each<[condition: Readonly<Record<string, unknown>>, status: CheckStatus, verdict: string]>([
    [{}, 'unhealthy', 'breached'],
    [{}, 'degraded', 'clear'],
    [{}, 'healthy', 'clear'],
    [{}, 'unknown', 'between'],
    [{ degraded: true }, 'degraded', 'breached'],
    [{ unknown: true }, 'unknown', 'breached'],
    [{ unknown: true }, 'degraded', 'clear'],
  ])('with %j takes %s as %s, since when it is so', async (condition, status, verdict) => {
    const rule = definitionOf({ type: 'downtime', condition });
    expect(await judged(rule, seen(status))).toEqual([
      expect.objectContaining({ verdict, severity: 'critical', at: at(-90) }),
    ]);
  });

  it('tells what failed', async () => {
    const [reading] = await judged(definitionOf({ type: 'downtime' }), seen('unhealthy'));
    expect(reading?.reason).toBe('unhealthy: status 503 is not 200');
  });

  it.each<[condition: Readonly<Record<string, unknown>>, isMeant: boolean]>([
    [{ checks: ['home'] }, true],
    [{ checks: ['cart'] }, false],
    [{ kinds: ['tcp', 'http'] }, true],
    [{ kinds: ['tcp'] }, false],
    [{ tags: { team: 'web' } }, true],
    [{ tags: { team: 'web', tier: '1' } }, false],
    [{ tags: { constructor: 'x' } }, false],
  ])(
    '%j means a check called home of the kind http with the tag team: web: %s',
    async (condition, isMeant) => {
      const subject = checkSubject('home', { tags: { team: 'web' } });
      const statuses = [{ subject, status: 'unhealthy' as const, since: noon, reason: null }];
      expect(await judged(definitionOf({ type: 'downtime', condition }), { statuses })).toHaveLength(
        isMeant ? 1 : 0,
      );
    },
  );

  it('of one deployment means no other', async () => {
    const statuses = [
      {
        subject: checkSubject('home', { deployment: 'blog' }),
        status: 'unhealthy' as const,
        since: noon,
        reason: null,
      },
    ];
    expect(await judged(definitionOf({ type: 'downtime' }), { statuses })).toEqual([]);
    expect(await judged(definitionOf({ type: 'downtime', deploymentId: null }), { statuses })).toHaveLength(
      1,
    );
  });
});

describe('absence', () => {
  const rule = definitionOf({ type: 'absence', condition: { window: '10m' } });
  it('is no point for the whole window', async () => {
    const there = seriesOf(pointsUntilNoon([1]), { subject: checkSubject('cart') });
    const found = await judged(rule, { series: [[seriesOf([]), there]] });
    expect(found.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['breached', 'no point of check.up for 10 min'],
      ['clear', '1 point of check.up in 10 min'],
    ]);
  });

  it.each<[what: string, since: number, verdicts: readonly string[]]>([
    ['for less than the window cannot be absent', at(-599), []],
    ['for just the window can', at(-600), ['breached']],
  ])('what is looked at %s', async (_what, since, verdicts) => {
    expect(verdictsOf(await judged(rule, { series: [[seriesOf([], { since })]] }))).toEqual(verdicts);
  });

  it('cannot be told of what comes more rarely than the window is long', async () => {
    expect(await judged(rule, { series: [[seriesOf([], { intervalSeconds: 600 })]] })).toEqual([]);
  });
});

describe('finding', () => {
  const found = (
    changes: Partial<EventDetails['finding.changed']> = {},
  ): EventDetails['finding.changed'] => ({
    id: 'f1@3',
    at: '2026-01-31T11:58:20Z',
    accountId: '111122223333',
    region: 'eu-central-1',
    findingId: 'f1',
    kind: 'drift',
    state: 'open',
    severity: 'critical',
    deploymentId: 'shop',
    resource: 'arn:aws:s3:::shop-pictures',
    title: 'Bucket is public',
    reason: 'BlockPublicAcls is false, should be true',
    tags: { team: 'web' },
    ...changes,
  });

  it.each<
    [condition: object, changes: Partial<EventDetails['finding.changed']>, verdicts: readonly string[]]
  >([
    [{}, {}, ['breached']],
    [{}, { state: 'resolved' }, ['clear']],
    [{ kinds: ['drift', 'cost'] }, {}, ['breached']],
    [{ kinds: ['cost'] }, {}, []],
    [{ minSeverity: 'critical' }, {}, ['breached']],
    [{ minSeverity: 'critical' }, { severity: 'error' }, ['clear']],
    [{ tags: { team: 'web' } }, {}, ['breached']],
    [{ tags: { team: 'ops' } }, {}, []],
    [{ tags: { constructor: 'x' } }, {}, []],
    [{}, { deploymentId: 'blog' }, []],
    [{}, { deploymentId: null }, []],
  ])('with %j makes of %j: %j', async (condition, changes, verdicts) => {
    const rule = definitionOf({ type: 'finding', condition });
    expect(verdictsOf(await judged(rule, { finding: found(changes) }))).toEqual(verdicts);
  });

  it('gives the alert its own severity, time and words, unless the rule shall decide', async () => {
    const [own] = await judged(definitionOf({ type: 'finding' }), { finding: found() });
    expect(own).toMatchObject({
      severity: 'critical',
      at: at(-100),
      reason: 'Bucket is public: BlockPublicAcls is false, should be true',
      subject: {
        key: 'finding:f1',
        name: 'arn:aws:s3:::shop-pictures',
        labels: { deployment: 'shop', finding: 'drift', 'tag.team': 'web' },
      },
    });
    const rule = definitionOf({ type: 'finding', severity: 'info', condition: { severityFrom: 'rule' } });
    expect((await judged(rule, { finding: found() }))[0]?.severity).toBe('info');
  });
});

describe('external', () => {
  const alarm = (changes: Partial<ExternalSignal> = {}): ExternalSignal => ({
    source: 'cloudwatch',
    subject: {
      key: 'external:cloudwatch:shop-api-5xx',
      deploymentId: 'shop',
      name: 'shop-api-5xx',
      labels: { source: 'cloudwatch' },
    },
    state: 'firing',
    severity: 'error',
    reason: 'Threshold Crossed: 3 datapoints were greater than 5',
    at: at(-3),
    ...changes,
  });
  it.each<[condition: object, changes: Partial<ExternalSignal>, verdicts: readonly string[]]>([
    [{}, {}, ['breached']],
    [{}, { state: 'resolved' }, ['clear']],
    [{ sources: ['guardduty'] }, {}, []],
    [{ sources: ['cloudwatch', 'health'] }, {}, ['breached']],
    [{ name: 'shop-.*' }, {}, ['breached']],
    [{ name: 'shop' }, {}, []],
    [{ name: '.*-(5xx|4xx)' }, {}, ['breached']],
    [{ minSeverity: 'critical' }, {}, ['clear']],
  ])('with %j makes of an alarm with %j: %j', async (condition, changes, verdicts) => {
    const rule = definitionOf({ type: 'external', condition });
    expect(verdictsOf(await judged(rule, { external: alarm(changes) }))).toEqual(verdicts);
  });

  it('a pattern that would backtrack for ever is done at once (fault 32)', async () => {
    const rule = definitionOf({ type: 'external', condition: { name: '(a+)+b' } });
    const name = 'a'.repeat(4000);
    const external = alarm({ subject: { ...alarm().subject, name } });
    const began = performance.now();
    expect(await judged(rule, { external })).toEqual([]);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('custom', () => {
  const rule = definitionOf({
    type: 'custom',
    condition: {
      expression: 'failed / (failed + fine) * 100 > 5',
      series: {
        failed: { series: 'orders.failed', aggregate: 'sum' },
        fine: { series: 'orders.fine', aggregate: 'sum', window: '10m' },
      },
    },
  });

  it('asks for each of its series with its own window', () => {
    expect(
      typeOf('custom')
        .queries?.({ rule, now: noon })
        .map(({ series, fromAt }) => [series, fromAt]),
    ).toEqual([
      ['orders.failed', at(-300)],
      ['orders.fine', at(-600)],
    ]);
  });

  it('calculates for each subject, and tells with which values', async () => {
    const failed = [seriesOf(pointsUntilNoon([1, 1, 1, 1, 1]))];
    const fine = [seriesOf(pointsUntilNoon(Array(10).fill(4.5)))];
    expect(await judged(rule, { series: [failed, fine] })).toEqual([
      expect.objectContaining({
        verdict: 'breached',
        value: 10,
        reason: 'failed / (failed + fine) * 100 > 5 with failed = 5, fine = 45 is true',
      }),
    ]);
  });

  it.each<[what: string, failed: readonly number[], fine: readonly number[]]>([
    ['divides by zero', [0, 0, 0], Array(10).fill(0)],
    ['has too little of one series', [1], Array(10).fill(1)],
    ['has nothing of one series', [], Array(10).fill(1)],
  ])('is without a verdict where it %s', async (_what, failed, fine) => {
    const series = [[seriesOf(pointsUntilNoon(failed))], [seriesOf(pointsUntilNoon(fine))]];
    expect(await judged(rule, { series })).toEqual([
      expect.objectContaining({ verdict: 'nothing', value: null }),
    ]);
  });

  it('is judged by thresholds where it gives a number', async () => {
    const numeric = definitionOf({
      type: 'custom',
      condition: {
        expression: 'max(a, 1) * 2',
        series: { a: { series: 'x', window: '2m' } },
        thresholds: [
          { operator: '>', value: 10 },
          { operator: '>', value: 20, severity: 'critical' },
        ],
      },
    });
    const [reading] = await judged(numeric, { series: [[seriesOf(pointsUntilNoon([11, 11]))]] });
    expect(reading).toMatchObject({
      verdict: 'breached',
      severity: 'critical',
      value: 22,
      reason: 'max(a, 1) * 2 with a = 11 is 22, above 20',
    });
  });

  const asked = definitionOf({
    type: 'custom',
    severity: 'error',
    condition: { function: 'arn:aws:lambda:eu-central-1:111122223333:function:verdict' },
  });
  it.each<[answer: unknown, verdict: string, told: object]>([
    [{ firing: true }, 'breached', { severity: 'error', value: null, reason: 'the function says firing' }],
    [{ firing: false, value: 3 }, 'clear', { value: 3 }],
    [
      { firing: true, value: 7, reason: 'seven\nlost orders', severity: 'critical' },
      'breached',
      { severity: 'critical', value: 7, reason: 'seven lost orders' },
    ],
    [undefined, 'nothing', { reason: 'the function gave no answer' }],
    [null, 'nothing', {}],
    ['firing', 'nothing', {}],
    [[true], 'nothing', {}],
    [{ firing: 'yes' }, 'nothing', {}],
    [
      { firing: true, value: '7' },
      'nothing',
      { reason: 'the value that the function answered is no number' },
    ],
    [{ firing: true, value: Number.NaN }, 'nothing', {}],
    [{ firing: true, severity: 'fatal' }, 'nothing', {}],
    [{ firing: true, reason: 5 }, 'nothing', {}],
    [{ errorMessage: 'boom', errorType: 'Error' }, 'nothing', {}],
  ])("takes a function's answer %j as %s", async (answer, verdict, told) => {
    expect(await judged(asked, { verdict: answer })).toEqual([expect.objectContaining({ verdict, ...told })]);
  });
});

describe('composite', () => {
  const state = (name: string, isFiring: boolean, check = 'home', deployment = 'shop'): RuleState => ({
    ruleId: ruleIdOf('shop', name),
    subject: checkSubject(check, { deployment }),
    isFiring,
    severity: 'warning',
  });
  it.each<[condition: Readonly<Record<string, unknown>>, firing: readonly string[], verdict: string]>([
    [{ all: ['a', 'b'] }, ['a', 'b'], 'breached'],
    [{ all: ['a', 'b'] }, ['a'], 'clear'],
    [{ any: ['a', 'b'] }, ['b'], 'breached'],
    [{ any: ['a', 'b'] }, [], 'clear'],
    [{ not: 'a' }, [], 'breached'],
    [{ not: 'a' }, ['a'], 'clear'],
    [{ all: ['a', { not: 'b' }] }, ['a'], 'breached'],
    [{ all: ['a', { not: 'b' }] }, ['a', 'b'], 'clear'],
    [{ any: [{ all: ['a', 'b'] }, { all: ['c', { not: { any: ['a', 'b'] } }] }] }, ['c'], 'breached'],
    [{ any: [{ all: ['a', 'b'] }, { all: ['c', { not: { any: ['a', 'b'] } }] }] }, ['c', 'a'], 'clear'],
  ])('%j with %j firing is %s', async (condition, firing, verdict) => {
    const rule = definitionOf({ type: 'composite', condition });
    const rules = ['a', 'b', 'c'].map((name) => state(name, firing.includes(name)));
    expect(verdictsOf(await judged(rule, { rules }))).toEqual([verdict]);
  });

  it('counts a rule that fires for anything, for the deployment, or for the same subject only', async () => {
    const rules = [state('a', true, 'home'), state('b', true, 'cart'), state('b', false, 'home')];
    const found = async (per: string) =>
      (await judged(definitionOf({ type: 'composite', condition: { all: ['a', 'b'], per } }), { rules })).map(
        ({ subject, verdict }) => [subject.key, verdict],
      );
    expect(await found('rule')).toEqual([['rule', 'breached']]);
    expect(await found('deployment')).toEqual([['deployment:shop', 'breached']]);
    expect(await found('subject')).toEqual([
      ['check:shop/home', 'clear'],
      ['check:shop/cart', 'clear'],
    ]);
  });

  it('tells what fires and what does not', async () => {
    const rule = definitionOf({ type: 'composite', condition: { any: ['a', 'b'] } });
    const [reading] = await judged(rule, { rules: [state('a', true)] });
    expect(reading?.reason).toBe('firing: a; not firing: b');
  });

  const hanging = (name: string, ...on: readonly string[]) =>
    definitionOf({ name, type: 'composite', condition: { any: on } });
  it('names each of its rules once', () => {
    expect(
      memberNames(
        definitionOf({ type: 'composite', condition: { all: ['x', { not: 'x' }, { any: ['y'] }] } }),
      ),
    ).toEqual(['x', 'y']);
    expect(memberNames(definitionOf({ type: 'downtime' }))).toEqual([]);
  });

  it('may hang on others, but in no circle', () => {
    const plain = definitionOf({ name: 'plain', type: 'downtime' });
    expect(circleIn([plain, hanging('a', 'b', 'plain'), hanging('b', 'plain')])).toBeUndefined();
    expect(circleIn([hanging('a', 'b'), hanging('b', 'plain', 'c'), hanging('c', 'a'), plain])).toEqual([
      'a',
      'b',
      'c',
      'a',
    ]);
    expect(circleIn([hanging('start', 'a'), hanging('a', 'b'), hanging('b', 'a')])).toEqual(['a', 'b', 'a']);
  });
});
