import { describe, expect, it } from 'vitest';
import { byUrgency, filterFrom, isMeant, isNarrowed } from '../../../web/pages/incidents/filter.ts';

const incident = {
  id: '0mws5w15y-82025a9553c6',
  title: 'Service Down: home page',
  deploymentId: 'web-shop',
  acknowledgedBy: 'token:ada',
};

describe('The filter of incidents', () => {
  it('stands in the address, and what is not known there is as if it were not there', () => {
    expect(filterFrom({ tab: 'all', severity: 'error', deployment: 'shop', q: 'down' })).toEqual({
      tab: 'all',
      severity: 'error',
      deploymentId: 'shop',
      text: 'down',
    });
    expect(filterFrom({ tab: 'x', severity: 'y' })).toEqual({
      tab: 'active',
      severity: '',
      deploymentId: '',
      text: '',
    });
  });

  it.each([
    ['', true],
    ['HOME', true],
    ['page shop', true],
    ['ada', true],
    ['82025a', true],
    ['home billing', false],
  ])('«%s» means it: %s', (text, isIt) => {
    expect(isMeant(incident, text)).toBe(isIt);
  });

  it('is narrow once anything but the tab is chosen', () => {
    expect(isNarrowed({ tab: 'all', severity: '', deploymentId: '', text: ' ' })).toBe(false);
    expect(isNarrowed({ tab: 'all', severity: 'info', deploymentId: '', text: '' })).toBe(true);
  });
});

describe('Active incidents', () => {
  it('stand in the order: what nobody has, the worst, the newest', () => {
    const listed = [
      { name: 'taken', status: 'acknowledged', severity: 'critical', openedAt: '2026-11-22T12:09:00Z' },
      { name: 'old', status: 'open', severity: 'critical', openedAt: '2026-11-22T12:00:00Z' },
      { name: 'mild', status: 'open', severity: 'warning', openedAt: '2026-11-22T12:08:00Z' },
      { name: 'new', status: 'open', severity: 'critical', openedAt: '2026-11-22T12:01:00Z' },
      { name: 'bad', status: 'open', severity: 'error', openedAt: '2026-11-22T12:07:00Z' },
    ] as const;
    expect([...listed].sort(byUrgency).map(({ name }) => name)).toEqual([
      'new',
      'old',
      'bad',
      'mild',
      'taken',
    ]);
  });
});
