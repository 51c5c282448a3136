import { describe, expect, it } from 'vitest';
import type { EntryKind, TimelineEntry } from '../../../shared/incidents/index.ts';
import { publicIncident } from '../../../shared/status-pages/public/public-incident.ts';
import { minute, readAt } from './sample-page.ts';

const at = (minutes: number): number => readAt + minutes * minute;
const entry = (minutes: number, kind: EntryKind, text = 'inner words'): TimelineEntry => ({
  id: `${minutes}.${kind}`,
  at: at(minutes),
  kind,
  text,
  by: 'token:ann',
});
const page = {
  slug: 'shop',
  labels: new Map([
    ['c1', 'Checkout'],
    ['c2', 'Search'],
  ]),
};
const incident = (affected: Record<string, object>, given: object = {}) =>
  ({ id: '0mhw5x3c0-abc', status: 'open', affected, ...given }) as Parameters<typeof publicIncident>[0];
const told = (minutesAndMore: ReturnType<typeof publicIncident>) =>
  minutesAndMore?.updates.map((update) => [(update.at - readAt) / minute, update.state ?? null, update.text]);

describe('what the public knows of an incident', () => {
  it('is nothing where it affects no system of the page', () => {
    expect(publicIncident(incident({ other: { at: at(0), isDown: true } }), [], page)).toBeUndefined();
    expect(publicIncident(incident({}), [], page)).toBeUndefined();
    expect(publicIncident({ id: 'x', status: 'open' } as never, [], page)).toBeUndefined();
  });

  it('is called by what the page calls the systems, and how they fare', () => {
    const titleOf = (affected: Record<string, object>) => publicIncident(incident(affected), [], page)?.title;
    expect(titleOf({ c1: { at: at(0), isDown: true } })).toBe('Checkout is down');
    expect(titleOf({ c2: { at: at(0), isDown: false } })).toBe('Search is degraded');
    expect(titleOf({ c1: { at: at(0), isDown: true }, other: { at: at(0), isDown: true } })).toBe(
      'Checkout is down',
    );
    expect(titleOf({ c1: { at: at(0), isDown: true }, c2: { at: at(1), isDown: false } })).toBe(
      'Several systems are affected (2)',
    );
  });

  it('goes from investigating over identified to resolved, with nothing between but what was published', () => {
    const entries = [
      entry(0, 'opened'),
      entry(0, 'joined'),
      entry(1, 'told'),
      entry(2, 'acknowledged', 'ann has it'),
      entry(3, 'commented', 'the password again'),
      entry(4, 'published', 'Cards are declined.'),
      entry(5, 'escalated'),
      entry(6, 'remediation'),
      entry(7, 'unacknowledged'),
      entry(8, 'acknowledged'),
      entry(9, 'cleared'),
      entry(9, 'resolved', 'Resolved after 9 m.'),
      entry(20, 'published', 'What we learnt.'),
    ];
    const shown = publicIncident(
      incident({ c1: { at: at(0), isDown: true, clearedAt: at(9) } }),
      entries,
      page,
    );
    expect(told(shown)).toEqual([
      [20, null, 'What we learnt.'],
      [9, 'resolved', 'This incident is resolved.'],
      [4, null, 'Cards are declined.'],
      [2, 'identified', 'We are on it.'],
      [0, 'investigating', 'We are investigating.'],
    ]);
    expect(shown).toMatchObject({ state: 'resolved', startedAt: at(0), resolvedAt: at(9) });
  });

  it('begins when a system of the page was affected, and ends when all of them are well, whatever goes on elsewhere', () => {
    const affected = {
      other: { at: at(-60), isDown: true },
      c1: { at: at(0), isDown: true, clearedAt: at(5) },
      c2: { at: at(1), isDown: false, clearedAt: at(7) },
    };
    const shown = publicIncident(
      incident(affected),
      [entry(-59, 'acknowledged'), entry(30, 'acknowledged')],
      page,
    );
    expect(shown).toMatchObject({ startedAt: at(0), resolvedAt: at(7), state: 'resolved' });
    expect(told(shown)?.map(([minutes]) => minutes)).toEqual([7, 0, 0]);
  });

  it('is open while one of the systems is not well', () => {
    const affected = { c1: { at: at(0), isDown: true, clearedAt: at(5) }, c2: { at: at(1), isDown: true } };
    const shown = publicIncident(incident(affected), [], page);
    expect(shown?.resolvedAt).toBeUndefined();
    expect(shown?.state).toBe('investigating');
  });

  it('that fires again is told as back, and as resolved only at its end', () => {
    const entries = [entry(3, 'resolved'), entry(5, 'reopened'), entry(6, 'acknowledged')];
    const shown = publicIncident(incident({ c1: { at: at(0), isDown: true } }), entries, page);
    expect(told(shown)).toEqual([
      [6, 'identified', 'We are on it.'],
      [5, 'investigating', 'The problem is back. We are investigating.'],
      [3, 'resolved', 'This incident is resolved.'],
      [0, 'investigating', 'We are investigating.'],
    ]);
    expect(shown?.state).toBe('identified');
  });

  it('has ids that say nothing of the inner ones, other on each page, the same each time', () => {
    const of = (slug: string) =>
      publicIncident(incident({ c1: { at: at(0), isDown: true } }), [entry(1, 'published')], {
        ...page,
        slug,
      });
    const ids = [of('shop'), of('other')].flatMap((one) => [
      one?.id,
      ...(one?.updates ?? []).map(({ id }) => id),
    ]);
    expect(new Set(ids).size).toBe(6);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(of('shop')).toEqual(of('shop'));
  });
});
