import { describe, expect, it } from 'vitest';
import { rowsOf, verdictOf } from '../../../web/pages/rules/spans.ts';
import { isTriable, ruleBodyOf } from '../../../web/pages/rules/words.ts';

const subject = (key: string, name: string) => ({ key, name, deploymentId: 'shop', labels: {} });
const span = (key: string, from: string, to: string | null) => ({
  subject: subject(key, `name of ${key}`),
  severity: 'critical' as const,
  from,
  to,
  peak: null,
  reason: 'down',
});
const period = { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' };

describe('A backtest as it is drawn', () => {
  it('has a row a subject, the one that would have fired longest first, bars in percent of the period', () => {
    const rows = rowsOf({
      ...period,
      spans: [
        span('a', '2026-11-20T06:00:00Z', '2026-11-20T07:12:00Z'),
        span('b', '2026-11-20T12:00:00Z', '2026-11-20T18:00:00Z'),
        span('a', '2026-11-20T12:00:00Z', '2026-11-20T13:12:00Z'),
      ],
    });
    expect(rows.map(({ name, spans }) => [name, spans.map(({ left, width }) => [left, width])])).toEqual([
      ['name of b', [[50, 25]]],
      [
        'name of a',
        [
          [25, 5],
          [50, 5],
        ],
      ],
    ]);
  });

  it.each([
    ['one that goes on reaches to the end', '2026-11-20T18:00:00Z', null, 75, 25],
    ['one that began before is cut at the beginning', '2026-11-19T00:00:00Z', '2026-11-20T12:00:00Z', 0, 50],
    ['a moment is wide enough to be seen', '2026-11-20T12:00:00Z', '2026-11-20T12:00:01Z', 50, 0.4],
    ['also at the very end', '2026-11-21T00:00:00Z', null, 99.6, 0.4],
  ])('%s', (_, from, to, left, width) => {
    const [row] = rowsOf({ ...period, spans: [span('a', from, to)] });
    expect([row?.spans[0]?.left, row?.spans[0]?.width]).toEqual([left, width]);
  });

  it.each([
    [0, 'It would not have fired in the last day.'],
    [1, 'It would have fired once in the last day.'],
    [12, 'It would have fired 12 times in the last day.'],
  ])('%i firings are told as a sentence', (firings, sentence) => {
    expect(verdictOf({ ...period, firings })).toBe(sentence);
  });
});

describe('A rule to be edited', () => {
  it('is what a person writes of it; of all deployments is written as a star', () => {
    const body = ruleBodyOf({
      id: 'r1',
      deploymentId: null,
      name: 'slow',
      managedBy: 'api',
      revision: 3,
      lastTriggered: null,
      createdAt: null,
      updatedAt: null,
      isActive: true,
    } as never);
    expect(body).toEqual({ deploymentId: '*', name: 'slow', isActive: true });
  });

  it('rules over events cannot be tried on the past', () => {
    expect(['downtime', 'finding', 'external', 'custom'].map((type) => isTriable({ type } as never))).toEqual(
      [true, false, false, true],
    );
  });
});
