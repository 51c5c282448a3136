import { describe, expect, it, test } from 'vitest';
import { uptimeOf } from '../../../shared/status-pages/public/bars.ts';
import { drawnDay, lengthText, percentText } from '../../../shared/status-pages/public/component-html.ts';
import { overallNow, pageHtml } from '../../../shared/status-pages/public/page-html.ts';
import { overallOf, type PublicState } from '../../../shared/status-pages/public/states.ts';
import { summaryOf } from '../../../shared/status-pages/public/summary.ts';
import { barsOf, day, minute, pageOf, readAt } from './sample-page.ts';

describe('the banner of a status page', () => {
  const [up, slow, down, planned, blind]: readonly PublicState[] = [
    'operational',
    'degraded',
    'down',
    'maintenance',
    'unknown',
  ];
  test.each([
    [[up, up], 'operational', 'All systems operational'],
    [[up, slow], 'degraded', 'Some systems are degraded'],
    [[slow], 'degraded', 'All systems are degraded'],
    [[up, slow, down, planned, blind], 'down', 'Some systems are down'],
    [[down, down], 'down', 'All systems are down'],
    [[up, planned], 'maintenance', 'Some systems are under maintenance'],
    [[planned], 'maintenance', 'Under maintenance'],
    [[up, blind], 'unknown', 'Unknown: we cannot see some systems at the moment'],
    [[planned, blind], 'unknown', 'Unknown: we cannot see some systems at the moment'],
    [[blind, blind], 'unknown', 'Unknown: we cannot see at the moment'],
    [[], 'unknown', 'Nothing is shown on this page yet'],
  ] as const)('of %j says %s: %s', (states, state, sentence) => {
    expect(overallOf(states as readonly PublicState[])).toEqual({ state, sentence });
  });

  it('says of what could not be read for five minutes that nobody knows how it stands', () => {
    const page = pageOf({ overall: { state: 'operational', sentence: 'All systems operational' } });
    expect(overallNow(page, readAt + 5 * minute, true).state).toBe('operational');
    expect(overallNow(page, readAt + 5 * minute + 1, true)).toEqual({
      state: 'unknown',
      sentence: 'Unknown: we cannot see at the moment',
    });
    expect(overallNow(page, readAt + 20 * minute, false).state).toBe('operational');
  });

  it('says so of each system too: what we cannot see is not operational', () => {
    const page = pageOf();
    const given = { publicUrl: 'https://homeostat.example.com', now: readAt + 5 * minute + 1, isStale: true };
    const told = summaryOf(page, given).components.map(({ status }) => status);
    expect(new Set(told)).toEqual(new Set(['unknown']));
    expect(pageHtml(page, given.now, true).body).not.toContain('<span class="state operational">');
    expect(pageHtml(page, readAt + minute, true).body).toContain('<span class="state operational">');
  });
});

describe('a day of 90', () => {
  const whole = {
    dayAt: 0,
    uptimePercent: 100,
    downtimeSeconds: 0,
    knownSeconds: 86_400,
    maintenanceSeconds: 0,
  };
  test.each([
    ['whole', {}, '', 'no downtime'],
    ['with seconds of downtime', { uptimePercent: 99.96, downtimeSeconds: 30 }, 'p', '30 s of downtime'],
    ['with an hour of it', { uptimePercent: 95.4, downtimeSeconds: 3900 }, 'p', '1 h 5 min of downtime'],
    ['down for a tenth of it', { uptimePercent: 89.9, downtimeSeconds: 8700 }, 'd', '2 h 25 min of downtime'],
    ['of which nothing is known', { uptimePercent: null, knownSeconds: 0 }, 'n', 'no data'],
    [
      'of which an hour is known, and that was well, is not drawn as a whole one',
      { knownSeconds: 3600 },
      'h',
      'no downtime, 4 % of the day known',
    ],
    [
      'under maintenance all of it',
      { uptimePercent: null, knownSeconds: 0, maintenanceSeconds: 86_400 },
      'm',
      'maintenance',
    ],
    [
      'under maintenance for an hour',
      { knownSeconds: 82_800, maintenanceSeconds: 3600 },
      '',
      'no downtime, 1 h of maintenance',
    ],
  ])('%s', (_, given, shape, words) => {
    expect(drawnDay({ ...whole, ...given }, 86_400)).toEqual({ shape, words });
  });

  test.each([
    [59, '59 s'],
    [60, '1 min'],
    [3599, '1 h'],
    [7260, '2 h 1 min'],
  ])('%i seconds are told as %s', (seconds, words) => expect(lengthText(seconds)).toBe(words));
});

describe('uptime over 90 days', () => {
  it('is cut, never rounded up to a whole', () => {
    const bars = barsOf({ 5: { downtimeSeconds: 1 } });
    const { uptimePercent } = uptimeOf(bars, { createdAt: 0 }, readAt);
    expect(uptimePercent).toBe(99.9999);
    expect(percentText(uptimePercent ?? 0)).toBe('99.99 %');
    expect(percentText(100)).toBe('100 %');
  });

  it('counts days without data against its coverage, not against itself', () => {
    const none = Object.fromEntries(
      Array.from({ length: 45 }, (_, at) => [at + 45, { knownSeconds: 0, uptimePercent: null }]),
    );
    const seen = uptimeOf(barsOf(none), { createdAt: 0 }, readAt);
    expect(seen.uptimePercent).toBe(100);
    expect(seen.coveragePercent).toBeCloseTo(49.72, 1);
  });

  it('asks no coverage of the time before the check was there, nor of maintenance', () => {
    const bars = barsOf({
      ...Object.fromEntries(
        Array.from({ length: 88 }, (_, at) => [at + 2, { knownSeconds: 0, uptimePercent: null }]),
      ),
      1: { knownSeconds: 43_200, maintenanceSeconds: 43_200 },
    });
    const createdAt = Date.UTC(2026, 10, 2) - day;
    expect(uptimeOf(bars, { createdAt }, readAt).coveragePercent).toBe(100);
  });

  it('is null while nothing is known', () => {
    const bars = barsOf(
      Object.fromEntries(
        Array.from({ length: 90 }, (_, at) => [at, { knownSeconds: 0, uptimePercent: null }]),
      ),
    );
    expect(uptimeOf(bars, { createdAt: readAt }, readAt)).toEqual({
      uptimePercent: null,
      coveragePercent: null,
    });
  });
});
