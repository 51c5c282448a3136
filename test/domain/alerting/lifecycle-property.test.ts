import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../shared/alerting/alert.ts';
import { type Advanced, advance } from '../../../shared/alerting/lifecycle.ts';
import type { RuleRecord } from '../../../shared/alerting/rule.ts';
import { stateOf } from '../../../shared/alerting/timing.ts';
import type { Reading } from '../../../shared/alerting/types/type.ts';
import { type Severity, severities } from '../../../shared/platform/events.ts';
import { at, checkSubject, recordOf } from './rules.ts';

const seconds = fc.constantFrom(0, 30, 60, 300);
const timings = fc.record({ for: seconds, keepFiringFor: seconds, cooldown: seconds });
const severityOf = fc.constantFrom<Severity>(...severities);

const readingAt = (second: number, verdict: Reading['verdict'], severity: Severity): Reading => ({
  subject: checkSubject(),
  value: 1,
  verdict,
  severity,
  reason: verdict,
  at: at(second),
});

type Told = { readonly from: string; readonly to: string; readonly seq: number };

/** Advances an alert, and keeps what is told of it. */
const live = (rule: RuleRecord) => {
  let alert: Alert | undefined;
  const told: Told[] = [];
  const take = (found: Advanced): Advanced => {
    alert = found.alert;
    if (found.changed) told.push({ from: found.from, to: found.to, seq: found.alert?.seq ?? Number.NaN });
    return found;
  };
  return {
    told,
    alert: () => alert,
    read: (reading: Reading, now: number) => take(advance(rule, alert, reading, now)),
    /** All that time alone brings, until nothing is waited for. */
    wait: (from: number) => {
      let wakeAt = take(advance(rule, alert, undefined, from)).wakeAt;
      for (let turn = 0; wakeAt !== undefined && turn < 10; turn++) {
        wakeAt = take(advance(rule, alert, undefined, Math.max(wakeAt, from))).wakeAt;
      }
      expect(wakeAt, 'time comes to an end').toBeUndefined();
    },
  };
};

const requireSoundTale = (told: readonly Told[]) => {
  for (const [index, { from, to, seq }] of told.entries()) {
    expect(seq).toBeGreaterThan(told[index - 1]?.seq ?? 0);
    // Nothing is resolved that did not fire, and nothing fires again that was not resolved.
    if (to === 'resolved') expect(from).toBe('firing');
    if (to === 'firing') expect(['inactive', 'pending', 'resolved', 'firing']).toContain(from);
    if (to === 'pending') expect(from).not.toBe('firing');
  }
  const sent = told.filter((one) => one.to !== 'pending' && one.from !== one.to).map((one) => one.to);
  expect(sent).toEqual(sent.map((_, index) => (index % 2 === 0 ? 'firing' : 'resolved')));
};

/** Events of one finding: it opens and closes in turns, and each is delivered late, in any order, once or more often. */
const histories = fc
  .array(fc.record({ isOpen: fc.boolean(), severity: severityOf }), { minLength: 1, maxLength: 8 })
  .chain((events) => {
    const readings = events.map(({ isOpen, severity }, index) =>
      readingAt(index * 40, isOpen ? 'breached' : 'clear', severity),
    );
    const repeats = fc.array(fc.nat(readings.length - 1), { maxLength: 8 });
    return repeats.chain((again) => {
      const all = [...readings, ...again.map((index) => readings[index] as Reading)];
      return fc.record({
        last: fc.constant(readings.at(-1) as Reading),
        deliveries: fc.shuffledSubarray(all, { minLength: all.length }),
        delays: fc.array(fc.nat(200), { minLength: all.length, maxLength: all.length }),
      });
    });
  });

describe('events that come twice, late and in any order', () => {
  it('leave an alert as its newest event says, and tell a sound tale (faults 1, 2)', () => {
    fc.assert(
      fc.property(timings, histories, (timing, { last, deliveries, delays }) => {
        const one = live(recordOf({ type: 'finding', ...timing }));
        let now = last.at;
        for (const [index, reading] of deliveries.entries()) {
          now += (delays[index] ?? 0) * 1000;
          one.read(reading, now);
        }
        one.wait(now);
        requireSoundTale(one.told);
        const state = stateOf(one.alert());
        if (last.verdict === 'breached') {
          expect(state).toBe('firing');
          expect(one.alert()?.severity).toBe(last.severity);
        } else expect(['resolved', 'inactive']).toContain(state);
      }),
      { numRuns: 1000 },
    );
  });

  it('change nothing once they are all known', () => {
    fc.assert(
      fc.property(timings, histories, (timing, { last, deliveries }) => {
        const rule = recordOf({ type: 'finding', ...timing });
        const one = live(rule);
        for (const reading of deliveries) one.read(reading, last.at);
        one.wait(last.at);
        const before = one.alert();
        const later = before?.resolvedAt ?? last.at;
        for (const reading of deliveries) expect(one.read(reading, later).changed).toBe(false);
        expect(one.alert()?.seq).toBe(before?.seq);
      }),
    );
  });
});

const verdicts = fc.constantFrom('breached', 'clear', 'between', 'nothing');
const policies = fc.constantFrom('ignore', 'zero', 'fire', 'keep');
const ticks = fc.array(fc.record({ verdict: verdicts, severity: severityOf }), { maxLength: 60 });

describe('a rule that is judged every 30 s, whatever it sees', () => {
  it('tells a sound tale, and all that fired is resolved once it was clear for long enough', () => {
    fc.assert(
      fc.property(timings, policies, ticks, (timing, noData, seen) => {
        const one = live(recordOf({ type: 'performance', condition: { above: 1 }, noData, ...timing }));
        for (const [index, { verdict, severity }] of seen.entries()) {
          one.read(readingAt(index * 30, verdict, severity), at(index * 30));
          const { firedAt, resolvedAt, since, state } = one.alert() ?? {};
          if (state === 'firing')
            expect((firedAt ?? 0) - (since ?? 0)).toBeGreaterThanOrEqual(timing.for * 1000);
          if (state === 'resolved') expect(resolvedAt).toBeGreaterThanOrEqual(firedAt ?? Number.NaN);
        }
        const end = seen.length * 30;
        for (let second = end; second <= end + timing.keepFiringFor; second += 30)
          one.read(readingAt(second, 'clear', 'info'), at(second));
        requireSoundTale(one.told);
        expect(['resolved', 'inactive']).toContain(stateOf(one.alert()));
      }),
      { numRuns: 1000 },
    );
  });

  it('a tick that comes once more changes nothing (fault 1)', () => {
    fc.assert(
      fc.property(timings, policies, ticks, (timing, noData, seen) => {
        const rule = recordOf({ type: 'performance', condition: { above: 1 }, noData, ...timing });
        const [once, twice] = [live(rule), live(rule)];
        for (const [index, { verdict, severity }] of seen.entries()) {
          const reading = readingAt(index * 30, verdict, severity);
          once.read(reading, reading.at);
          twice.read(reading, reading.at);
          expect(twice.read(reading, reading.at).changed).toBe(false);
        }
        expect(twice.alert()).toEqual(once.alert());
        expect(twice.told).toEqual(once.told);
      }),
    );
  });
});
