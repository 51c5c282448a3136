import { describe, expect, it, test } from 'vitest';
import { affectedChecks, mostAffected } from '../../../shared/incidents/affected.ts';
import type { HeldBecause, IncidentMember } from '../../../shared/incidents/incident.ts';
import { memberOf } from './member.ts';

const now = Date.UTC(2026, 10, 2, 12);
const alert = (name: string, given: Partial<IncidentMember> = {}): IncidentMember => {
  const member = memberOf(name, 1, 'firing', {}, { firedAt: now - 60_000, at: now });
  return {
    ...member,
    subject: { ...member.subject, checkId: name },
    ruleType: 'downtime',
    reason: 'unhealthy: expected status 200-299, got 503',
    ...given,
  };
};
const told = (...members: readonly IncidentMember[]) =>
  Object.fromEntries(members.map(({ alertId, seq }) => [alertId, seq]));

describe('the checks that an incident affects, as a public page may know them', () => {
  const one = alert('a');

  it('are those that people were told of, since the first alert', () => {
    const later = alert('a', { alertId: 'later', firedAt: now - 5000, ruleType: 'performance' });
    const all = [later, one];
    expect(affectedChecks({ told: told(...all), held: {} }, all, now)).toEqual({
      a: { at: now - 60_000, isDown: true },
    });
  });

  test.each<[HeldBecause, boolean]>([
    ['muted', false],
    ['parent', false],
    ['info', false],
    ['wait', false],
    ['channel', true],
  ])('held back because of %s: shown %s', (why, isShown) => {
    const shown = affectedChecks({ told: {}, held: { [one.alertId]: why } }, [one], now);
    expect(Object.keys(shown)).toEqual(isShown ? ['a'] : []);
  });

  test.each<[string, Partial<IncidentMember>, boolean | undefined]>([
    ['down', {}, true],
    ['degraded', { reason: 'degraded: 900 ms is slower than 500 ms' }, false],
    ['unknown is our own blindness', { reason: 'unknown: no result since 12:00' }, undefined],
    ['slow', { ruleType: 'performance', reason: 'p95 is 900 ms' }, false],
    ['failing now and then', { ruleType: 'error_rate' }, false],
    ['no results at all', { ruleType: 'absence' }, undefined],
    ['a finding', { ruleType: 'finding' }, undefined],
    ['an alarm of elsewhere', { ruleType: 'external' }, undefined],
    ['mere information', { severity: 'info' }, undefined],
  ])('%s', (_, given, isDown) => {
    const member = alert('a', given);
    const shown = affectedChecks({ told: told(member), held: {} }, [member], now);
    expect(shown).toEqual(isDown === undefined ? {} : { a: { at: now - 60_000, isDown } });
  });

  it('end with the last of their alerts, begin anew with the next, and stay known as down', () => {
    const before = { a: { at: now - 60_000, isDown: true } };
    const over = alert('a', { state: 'resolved', resolvedAt: now - 10_000 });
    const ended = affectedChecks({ affected: before, told: {}, held: {} }, [over], now);
    expect(ended).toEqual({ a: { at: now - 60_000, isDown: true, clearedAt: now - 10_000 } });
    expect(affectedChecks({ affected: ended, told: {}, held: {} }, [over], now + 5000)).toEqual(ended);
    const slow = alert('a', { ruleType: 'performance', firedAt: now });
    expect(affectedChecks({ affected: ended, told: told(slow), held: {} }, [slow], now)).toEqual(before);
  });

  it('are at most so many, however many alerts there are (fault 7)', () => {
    const many = Array.from({ length: mostAffected + 50 }, (_, at) => alert(`check-${at}`));
    expect(Object.keys(affectedChecks({ told: told(...many), held: {} }, many, now))).toHaveLength(200);
  });
});
