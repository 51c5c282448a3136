import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkOf } from '../../../shared/configuration/definition.ts';
import { exportYaml } from '../../../shared/configuration/export.ts';
import { openApiDocument } from '../../../shared/platform/api/openapi.ts';
import { routes } from '../../../shared/platform/api/table.ts';
import { bodySchemaOf } from '../../../web/client/schemas.ts';
import { drawnValues, rowsOfTable } from '../../../web/components/chart-model.ts';
import { checkInFile } from '../../../web/pages/checks/check-yaml.ts';
import { dayStatuses } from '../../../web/pages/checks/day-statuses.ts';
import {
  chartOfHistory,
  chartOfResults,
  coverageText,
  phasesIn,
  type Result,
  sentenceOfResults,
} from '../../../web/pages/checks/latency.ts';

const result = (at: string, part: Partial<Result>): Result => ({
  at: `2026-11-22T18:${at}:00Z`,
  status: 'healthy',
  responseTime: 40,
  reason: null,
  phases: { total: 40 },
  attempts: 1,
  ...part,
});

describe('The chart of single looks', () => {
  it('stacks the phases in the order in which they follow, oldest look first, and what is left of the whole', () => {
    const chart = chartOfResults([
      result('02', { responseTime: 50, phases: { firstByte: 20, connect: 10, dns: 5, total: 50 } }),
      result('01', { responseTime: 12, phases: { connect: 12, total: 12 } }),
    ]);
    expect(chart.at).toEqual([1_795_370_460, 1_795_370_520]);
    expect(chart.isStacked).toBe(true);
    expect(chart.series.map(({ label, values }) => [label, values])).toEqual([
      ['DNS', [0, 5]],
      ['connect', [12, 10]],
      ['first byte', [0, 20]],
      ['the rest', [0, 15]],
    ]);
  });

  it('has a gap where a look brought no answer, never a 0', () => {
    const chart = chartOfResults([
      result('01', { status: 'unhealthy', responseTime: null, phases: { connect: 3 } }),
    ]);
    expect(chart.series.map(({ values }) => values)).toEqual([[null], [null]]);
  });

  it('draws no line across a time in which nobody looked', () => {
    const chart = chartOfResults(
      ['30', '03', '02', '01', '00'].map((minute) =>
        result(minute, { responseTime: 7, phases: { total: 7 } }),
      ),
    );
    expect(chart.at.map((at) => at - 1_795_370_400)).toEqual([0, 60, 120, 180, 181, 1800]);
    expect(chart.series[0]?.values).toEqual([7, 7, 7, 7, null, 7]);
  });

  it('is one line where a kind measures only the whole', () => {
    const chart = chartOfResults([result('01', { responseTime: 7, phases: { total: 7 } })]);
    expect([chart.isStacked, chart.series.map(({ label, values }) => [label, values])]).toEqual([
      false,
      [['response time', [7]]],
    ]);
  });

  it('says in a sentence what it shows', () => {
    expect(
      sentenceOfResults([
        result('03', { responseTime: 1200 }),
        result('02', { responseTime: null, status: 'unhealthy' }),
        result('01', { responseTime: 40 }),
        result('00', { responseTime: 43 }),
      ]),
    ).toBe('4 looks, 1 unhealthy; 43 ms in the middle, 1.20 s at most.');
    expect(sentenceOfResults([result('01', { responseTime: null })])).toBe('1 look; none brought an answer.');
  });

  it('puts phases it does not know behind those it knows', () => {
    expect(phasesIn([{ phases: { zeta: 1, total: 3, dns: 1 } }, { phases: { alpha: 1 } }])).toEqual([
      'dns',
      'alpha',
      'zeta',
    ]);
  });
});

describe('The chart of percentiles', () => {
  const point = (at: string, p95: number | null) => ({
    at,
    uptimePercent: 100,
    downtimeSeconds: 0,
    maintenanceSeconds: 0,
    knownSeconds: 3600,
    p50: p95 === null ? null : 10,
    p95,
    p99: p95 === null ? null : 99,
  });
  it('tells where nothing was measured', () => {
    const chart = chartOfHistory({
      period: '7d',
      from: '2026-11-22T00:00:00Z',
      to: '2026-11-22T03:00:00Z',
      bucketSeconds: 3600,
      points: [
        point('2026-11-22T00:00:00Z', 40),
        point('2026-11-22T01:00:00Z', null),
        point('2026-11-22T02:00:00Z', 60),
      ],
    });
    expect(chart.summary).toBe('Measured in 2 of 3 hours, nothing in 1; p95 at most 60 ms.');
    expect(chart.series.map(({ label, values }) => [label, values])).toEqual([
      ['p50', [10, null, 10]],
      ['p95', [40, null, 60]],
      ['p99', [99, null, 99]],
    ]);
  });
});

describe('What a chart draws', () => {
  const series = [
    { label: 'a', colour: '--accent' as const, values: [1, null, 3] },
    { label: 'b', colour: '--accent' as const, values: [10, null, null] },
  ];
  it('puts a stacked series on top of those before it, and a gap only where none has a value', () => {
    expect(drawnValues(series, true)).toEqual([
      [1, null, 3],
      [11, null, 3],
    ]);
    expect(drawnValues(series, false)).toEqual([
      [1, null, 3],
      [10, null, null],
    ]);
  });
  it('holds in its table the first and the last instant, and as many between as fit', () => {
    expect(rowsOfTable(3, 60)).toEqual([0, 1, 2]);
    expect(rowsOfTable(100, 4)).toEqual([0, 33, 66, 99]);
  });
});

describe('A day as a bar', () => {
  const day = (downtimeSeconds: number, knownSeconds: number, maintenanceSeconds = 0) => ({
    uptimePercent: null,
    downtimeSeconds,
    knownSeconds,
    maintenanceSeconds,
  });
  it.each([
    ['was up all day', day(0, 86_400), 'healthy'],
    ['was down for a minute', day(60, 86_400), 'degraded'],
    ['was down for longer', day(61, 86_400), 'unhealthy'],
    ['was in maintenance', day(0, 0, 86_400), 'maintenance'],
    ['was not looked at', day(0, 0), null],
  ])('that %s', (_, point, status) => {
    expect(dayStatuses([point])).toEqual([status]);
  });
});

describe('How much of a time is known', () => {
  it.each([
    [null, 'not looked at'],
    [100, 'all of it'],
    [99.99, '99.99 %'],
    [12.3456, '12.34 %'],
  ])('%s', (percent, text) => {
    expect(coverageText(percent)).toBe(text);
  });
});

describe('A check as YAML', () => {
  const schema = bodySchemaOf(JSON.parse(JSON.stringify(openApiDocument(routes))), 'createCheck');
  const view = {
    deploymentId: 'default',
    name: 'home',
    type: 'http',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text itself
    target: 'https://example.com/${env:PATH}',
    interval: 300,
    timeout: 2.5,
    retries: 1,
    failureThreshold: '3 of 5',
    successThreshold: 2,
    network: 'public' as const,
    tags: {},
    config: { method: 'POST', headers: {}, followRedirects: 5, verifyTls: true },
    isActive: true,
  };

  it('has durations as people write them, no defaults, and environment variables kept as text', () => {
    expect(checkInFile(schema, view)).toEqual({
      checks: [
        {
          name: 'home',
          type: 'http',
          target: 'https://example.com/$${env:PATH}',
          interval: '5m',
          timeout: '2500ms',
          retries: 1,
          failureThreshold: '3 of 5',
          successThreshold: 2,
          config: { method: 'POST' },
        },
      ],
    });
  });

  it('says all that an export says, in the same words', () => {
    const [exported] = (parse(exportYaml([checkOf(view)])) as { checks: [Record<string, unknown>] }).checks;
    expect(checkInFile(schema, view).checks[0]).toMatchObject(exported);
  });
});
