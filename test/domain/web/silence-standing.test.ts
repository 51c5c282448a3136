import { describe, expect, it } from 'vitest';
import {
  authorWords,
  firstDrafts,
  inOrder,
  labelsOf,
  matchersOf,
  type Silence,
  standingAt,
} from '../../../web/pages/silences/standing.ts';

const silence = (id: string, startsAt: string, endsAt: string): Silence => ({
  id,
  matchers: ['deployment=shop'],
  author: 'admin',
  reason: 'known',
  startsAt: `2026-11-22T${startsAt}:00.000Z`,
  endsAt: `2026-11-22T${endsAt}:00.000Z`,
  state: 'active',
  revision: 1,
  createdAt: '2026-11-22T10:00:00.000Z',
  updatedAt: '2026-11-22T10:00:00.000Z',
});

describe('A silence', () => {
  it.each([
    ['11:59', 'waiting'],
    ['12:00', 'active'],
    ['12:59', 'active'],
    ['13:00', 'ended'],
  ])('from twelve to one is at %s %s, also when it was read before', (at, standing) => {
    const now = Date.parse(`2026-11-22T${at}:00Z`);
    expect(standingAt(silence('a', '12:00', '13:00'), now)).toBe(standing);
  });

  it('stands where what comes next is first, and of what has ended the last', () => {
    const list = [silence('b', '12:00', '15:00'), silence('a', '13:00', '14:00')];
    expect(inOrder(list, 'active').map(({ id }) => id)).toEqual(['a', 'b']);
    expect(inOrder(list, 'waiting').map(({ id }) => id)).toEqual(['b', 'a']);
    expect(inOrder(list, 'ended').map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it.each([
    ['admin', 'admin'],
    ['token:ops', 'token ops'],
    ['link:slack', 'the link in slack'],
  ])('made by %s is by «%s»', (author, words) => {
    expect(authorWords(author)).toBe(words);
  });
});

describe('The form of a silence', () => {
  it('begins with what somebody came from', () => {
    const begun = (deploymentId?: string, checkName?: string) =>
      firstDrafts(deploymentId, checkName).map(({ label, value }) => `${label}=${value}`);
    expect(begun('shop', 'home page')).toEqual(['deployment=shop', 'check=home page']);
    expect(begun('shop')).toEqual(['deployment=shop']);
    expect(begun(undefined, 'home page')).toEqual(['check=home page']);
    expect(begun()).toEqual(['deployment=']);
  });

  it('sends labels without the spaces that slipped in, and values as they are', () => {
    expect(matchersOf([{ key: 7, label: ' check ', operator: '=', value: ' x' }])).toEqual([
      { label: 'check', operator: '=', value: ' x' },
    ]);
  });

  it('goes by what silences go by: labels of the subject, and what is known of rule and alert', () => {
    expect(
      labelsOf({
        subject: { key: 'check:1', name: 'home', deploymentId: 'shop', labels: { check: 'home' } },
        deploymentId: 'shop',
        ruleName: 'Service Down',
        type: 'downtime',
        severity: 'critical',
      }),
    ).toEqual({
      check: 'home',
      deployment: 'shop',
      subject: 'home',
      rule: 'Service Down',
      ruleType: 'downtime',
      severity: 'critical',
    });
  });
});
