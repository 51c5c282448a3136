import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../shared/alerting/alert.ts';
import { advance, closeAlert } from '../../../shared/alerting/lifecycle.ts';
import { redefine } from '../../../shared/alerting/redefine-alert.ts';
import { isInactive, stateOf } from '../../../shared/alerting/timing.ts';
import type { Reading } from '../../../shared/alerting/types/type.ts';
import type { Severity } from '../../../shared/platform/events.ts';
import { at, checkSubject, noon, recordOf } from './rules.ts';

type Verdict = Reading['verdict'];

const readingOf = (seconds: number, verdict: Verdict, changes: Partial<Reading> = {}): Reading => ({
  subject: checkSubject(),
  value: verdict === 'nothing' ? null : 7,
  verdict,
  severity: 'warning',
  reason: `${verdict} at ${seconds}`,
  at: at(seconds),
  ...changes,
});

/** Judged every 30 s. */
const ticked = (timing: Readonly<Record<string, unknown>> = {}) =>
  recordOf({ type: 'performance', condition: { above: 1 }, ...timing });
/** Judged at events. */
const ofEvents = (timing: Readonly<Record<string, unknown>> = {}) => recordOf({ type: 'finding', ...timing });

type Row = readonly [
  second: number,
  /** `time`: nothing is read, only time passes. */
  seen: Verdict | 'time' | Partial<Reading & { verdict: Verdict }>,
  state: string,
  changed?: 'changed',
  wakeAtSecond?: number,
];

/** Lives through rows and says of each what became of it: a new object only where something is to be written. */
const lived = (rule: ReturnType<typeof ticked>, rows: readonly Row[]) => {
  let alert: Alert | undefined;
  return rows.map(([second, seen, , ,]) => {
    const reading =
      seen === 'time'
        ? undefined
        : typeof seen === 'string'
          ? readingOf(second, seen)
          : readingOf(second, seen.verdict ?? 'breached', seen);
    const { wakeAt, ...found } = advance(rule, alert, reading, at(second));
    const again = advance(rule, found.alert, reading, at(second));
    expect(again.changed, `again at ${second}`).toBe(false);
    alert = found.alert;
    return [
      second,
      seen,
      stateOf(alert),
      ...(found.changed || wakeAt !== undefined ? [found.changed ? 'changed' : undefined] : []),
      ...(wakeAt === undefined ? [] : [(wakeAt - noon) / 1000]),
    ];
  });
};

const timeline = (title: string, rule: ReturnType<typeof ticked>, rows: readonly Row[]) =>
  it(title, () => {
    expect(lived(rule, rows)).toEqual(rows.map((row) => [...row]));
  });

describe('an alert', () => {
  timeline('fires at once and is resolved at once, when nothing else is said', ticked(), [
    [0, 'clear', 'inactive'],
    [30, 'breached', 'firing', 'changed'],
    [60, 'breached', 'firing'],
    [90, 'clear', 'resolved', 'changed'],
    [120, 'clear', 'resolved'],
    [150, 'breached', 'firing', 'changed'],
  ]);

  timeline('waits for as long as `for` says, without interruption', ticked({ for: '1m' }), [
    [0, 'breached', 'pending', 'changed'],
    [30, 'breached', 'pending'],
    [60, 'breached', 'firing', 'changed'],
    [90, 'clear', 'resolved', 'changed'],
    [120, 'breached', 'pending', 'changed'],
    [150, 'clear', 'inactive'],
    [180, 'breached', 'pending', 'changed'],
    [210, 'between', 'inactive'],
    [240, 'breached', 'pending', 'changed'],
    [270, 'breached', 'pending'],
    [300, 'breached', 'firing', 'changed'],
  ]);

  timeline(
    'fires on for as long as keepFiringFor says, without interruption',
    ticked({ keepFiringFor: '1m' }),
    [
      [0, 'breached', 'firing', 'changed'],
      [30, 'clear', 'firing'],
      [60, 'breached', 'firing'],
      [90, 'clear', 'firing'],
      [120, 'clear', 'firing'],
      [150, 'clear', 'resolved', 'changed'],
    ],
  );

  timeline('does not fire anew during the cooldown, and does after it', ticked({ cooldown: '2m' }), [
    [0, 'breached', 'firing', 'changed'],
    [30, 'clear', 'resolved', 'changed'],
    [60, 'breached', 'resolved'],
    [90, 'clear', 'resolved'],
    [120, 'breached', 'resolved'],
    [150, 'breached', 'firing', 'changed'],
  ]);

  timeline(
    'that was held by the cooldown has waited for `for` meanwhile',
    ticked({ cooldown: '2m', for: '1m' }),
    [
      [0, 'breached', 'pending', 'changed'],
      [60, 'breached', 'firing', 'changed'],
      [90, 'clear', 'resolved', 'changed'],
      [120, 'breached', 'resolved'],
      [210, 'breached', 'firing', 'changed'],
      [240, 'clear', 'resolved', 'changed'],
      [330, 'breached', 'resolved'],
      [360, 'breached', 'pending', 'changed'],
      [390, 'breached', 'firing', 'changed'],
    ],
  );

  timeline('that is worse than before is not held by the cooldown', ticked({ cooldown: '10m' }), [
    [0, 'breached', 'firing', 'changed'],
    [30, 'clear', 'resolved', 'changed'],
    [60, { severity: 'warning' }, 'resolved'],
    [90, { severity: 'critical' }, 'firing', 'changed'],
    [120, 'clear', 'resolved', 'changed'],
    [150, { severity: 'critical' }, 'resolved'],
  ]);

  timeline('stays what it is between bound and recovery (hysteresis, fault 13)', ticked(), [
    [0, 'between', 'inactive'],
    [30, 'breached', 'firing', 'changed'],
    [60, 'between', 'firing'],
    [90, 'breached', 'firing'],
    [120, 'between', 'firing'],
    [150, 'clear', 'resolved', 'changed'],
    [180, 'between', 'resolved'],
  ]);

  timeline(
    'is not clear while it is between, so that keepFiringFor begins anew',
    ticked({ keepFiringFor: '1m' }),
    [
      [0, 'breached', 'firing', 'changed'],
      [30, 'clear', 'firing'],
      [60, 'between', 'firing'],
      [90, 'clear', 'firing'],
      [120, 'clear', 'firing'],
      [150, 'clear', 'resolved', 'changed'],
    ],
  );
});

describe('without data', () => {
  timeline(
    'all stays as it is, when the rule says keep',
    ticked({ noData: 'keep', for: '1m', keepFiringFor: '1m' }),
    [
      [0, 'nothing', 'inactive'],
      [30, 'breached', 'pending', 'changed'],
      [60, 'nothing', 'pending'],
      [120, 'nothing', 'pending'],
      [150, 'breached', 'firing', 'changed'],
      [180, 'nothing', 'firing'],
      [210, 'clear', 'firing'],
      [240, 'nothing', 'firing'],
      [300, 'nothing', 'firing'],
      [330, 'clear', 'resolved', 'changed'],
    ],
  );
  timeline(
    'it is as if the condition did not hold, when the rule says ignore',
    ticked({ noData: 'ignore', for: '30s' }),
    [
      [0, 'breached', 'pending', 'changed'],
      [30, 'nothing', 'inactive'],
      [60, 'breached', 'pending', 'changed'],
      [90, 'breached', 'firing', 'changed'],
      [120, 'nothing', 'resolved', 'changed'],
    ],
  );
  timeline(
    'it is as if nothing were wrong, when the rule says zero and zero does not cross',
    ticked({ noData: 'zero' }),
    [
      [0, 'breached', 'firing', 'changed'],
      [30, 'nothing', 'resolved', 'changed'],
    ],
  );
  timeline('it fires, when the rule says fire', ticked({ noData: 'fire', for: '30s' }), [
    [0, 'nothing', 'pending', 'changed'],
    [30, 'nothing', 'firing', 'changed'],
    [60, 'clear', 'resolved', 'changed'],
  ]);

  it('a policy of fire has the severity of the rule', () => {
    const { alert } = advance(
      ticked({ noData: 'fire', severity: 'critical' }),
      undefined,
      readingOf(0, 'nothing'),
      noon,
    );
    expect(alert).toMatchObject({ state: 'firing', severity: 'critical', value: null });
  });
});

describe('a rule that is judged at events', () => {
  timeline(
    'fires, is resolved and is let go by time alone',
    ofEvents({ for: '5m', keepFiringFor: '1m', cooldown: '10m' }),
    [
      [0, 'breached', 'pending', 'changed', 300],
      [299, 'time', 'pending', undefined, 300],
      [300, 'time', 'firing', 'changed'],
      [400, 'clear', 'firing', undefined, 460],
      [459, 'time', 'firing', undefined, 460],
      [460, 'time', 'resolved', 'changed'],
      [500, 'breached', 'resolved', undefined, 1060],
      [1059, 'time', 'resolved', undefined, 1060],
      [1060, 'time', 'firing', 'changed'],
    ],
  );

  timeline('waits for the rest of `for` after the cooldown', ofEvents({ for: '5m', cooldown: '1m' }), [
    [0, 'breached', 'pending', 'changed', 300],
    [300, 'time', 'firing', 'changed'],
    [310, 'clear', 'resolved', 'changed'],
    [320, 'breached', 'resolved', undefined, 370],
    [370, 'time', 'pending', 'changed', 620],
    [620, 'time', 'firing', 'changed'],
  ]);

  timeline(
    'forgets what the cooldown held when it is over before the cooldown is',
    ofEvents({ cooldown: '10m' }),
    [
      [0, 'breached', 'firing', 'changed'],
      [10, 'clear', 'resolved', 'changed'],
      [20, 'breached', 'resolved', undefined, 610],
      [30, 'clear', 'resolved'],
      [610, 'time', 'resolved'],
    ],
  );

  it('fires as long after the event as `for` says, though it comes late', () => {
    const rule = ofEvents({ for: '5m' });
    const { alert } = advance(rule, undefined, readingOf(0, 'breached'), at(400));
    expect(alert).toMatchObject({ state: 'firing', since: noon, firedAt: at(400) });
  });

  it('a downtime waits for as long as it must last, and unknown interrupts it', () => {
    const rule = recordOf({ type: 'downtime', condition: { longerThan: '5m' } });
    const down = advance(rule, undefined, readingOf(0, 'breached'), at(2));
    expect(down).toMatchObject({ to: 'pending', wakeAt: at(300) });
    expect(advance(rule, down.alert, undefined, at(300)).to).toBe('firing');
    const unknown = advance(rule, down.alert, readingOf(100, 'between'), at(100));
    expect(unknown).toMatchObject({ to: 'inactive', changed: false });
    expect(advance(rule, unknown.alert, undefined, at(300)).to).toBe('inactive');
  });
});

describe('a rule that is judged every 30 s', () => {
  it('is changed by readings only: while nothing can be seen nothing fires and nothing is resolved', () => {
    const rule = ticked({ for: '1m', keepFiringFor: '1m' });
    const pending = advance(rule, undefined, readingOf(0, 'breached'), noon);
    expect(pending.wakeAt).toBeUndefined();
    expect(advance(rule, pending.alert, undefined, at(3600)).alert).toBe(pending.alert);
    const firing = advance(rule, pending.alert, readingOf(60, 'breached'), at(60));
    const clear = advance(rule, firing.alert, readingOf(90, 'clear'), at(90));
    expect(advance(rule, clear.alert, undefined, at(3600)).alert).toBe(clear.alert);
  });

  it('writes nothing while nothing changes but the value', () => {
    const { alert } = advance(ticked(), undefined, readingOf(0, 'breached'), noon);
    expect(advance(ticked(), alert, readingOf(30, 'breached', { value: 99 }), at(30)).alert).toBe(alert);
    expect(advance(ticked(), undefined, readingOf(30, 'clear'), at(30)).alert).toBeUndefined();
  });
});

describe('what comes late', () => {
  it('is older than what is known, and changes nothing (faults 2 and 9)', () => {
    const rule = ofEvents();
    const firing = advance(rule, undefined, readingOf(100, 'breached'), at(100)).alert;
    expect(advance(rule, firing, readingOf(99, 'clear'), at(200))).toMatchObject({
      alert: firing,
      changed: false,
    });
    const resolved = advance(rule, firing, readingOf(200, 'clear'), at(200)).alert;
    expect(advance(rule, resolved, readingOf(199, 'breached'), at(300)).alert).toBe(resolved);
    const skewed = advance(rule, resolved, readingOf(100, 'breached'), at(-300)).alert;
    expect(skewed).toBe(resolved);
  });

  it('is older than a newer reading that changed nothing, too (fault 2)', () => {
    const rule = ofEvents();
    const first = advance(rule, undefined, readingOf(0, 'breached'), noon).alert;
    const again = advance(rule, first, readingOf(100, 'breached'), at(100));
    expect(again).toMatchObject({ changed: false, to: 'firing' });
    expect(advance(rule, again.alert, readingOf(50, 'clear'), at(120)).to).toBe('firing');
  });

  it('does not fire after its end that came first (fault 2)', () => {
    const rule = ofEvents();
    const end = advance(rule, undefined, readingOf(20, 'clear'), at(20));
    expect(end).toMatchObject({ from: 'inactive', to: 'inactive', changed: false });
    expect(end.alert && isInactive(end.alert)).toBe(true);
    const late = advance(rule, end.alert, readingOf(10, 'breached'), at(21));
    expect(late).toMatchObject({ to: 'inactive', changed: false });
    expect(advance(rule, late.alert, readingOf(30, 'breached'), at(30)).to).toBe('firing');
  });

  it('twice is as if it came once (fault 1)', () => {
    const rule = ofEvents({ for: '1m' });
    const once = advance(rule, undefined, readingOf(0, 'breached'), noon).alert;
    expect(advance(rule, once, readingOf(0, 'breached'), at(1)).alert).toBe(once);
  });
});

describe('severity', () => {
  const severities = (
    rows: readonly (readonly [verdict: Verdict, severity: Severity, holds?: Severity])[],
  ) => {
    let alert: Alert | undefined;
    return rows.map(([verdict, severity, holds], index) => {
      const reading = readingOf(index * 30, verdict, { severity, holds });
      const found = advance(ticked(), alert, reading, at(index * 30));
      alert = found.alert;
      return [alert?.state, alert?.severity, found.changed];
    });
  };

  it('rises and falls while it fires, and is told each time', () => {
    expect(
      severities([
        ['breached', 'warning'],
        ['breached', 'critical'],
        ['breached', 'critical'],
        ['breached', 'error'],
        ['clear', 'warning'],
      ]),
    ).toEqual([
      ['firing', 'warning', true],
      ['firing', 'critical', true],
      ['firing', 'critical', false],
      ['firing', 'error', true],
      ['resolved', 'error', true],
    ]);
  });

  it('does not fall before the threshold of it is recovered from (hysteresis)', () => {
    expect(
      severities([
        ['breached', 'critical', 'critical'],
        ['breached', 'warning', 'critical'],
        ['breached', 'warning', 'error'],
        ['between', 'warning', 'warning'],
        ['between', 'warning', 'critical'],
        ['clear', 'warning'],
      ]),
    ).toEqual([
      ['firing', 'critical', true],
      ['firing', 'critical', false],
      ['firing', 'error', true],
      ['firing', 'warning', true],
      ['firing', 'warning', false],
      ['resolved', 'warning', true],
    ]);
  });

  it('brings the channels of its threshold beside those of the rule', () => {
    const rule = ticked({ channels: ['ops'] });
    const first = advance(rule, undefined, readingOf(0, 'breached'), noon).alert;
    expect(first?.channels).toEqual(['ops']);
    const worse = readingOf(30, 'breached', { severity: 'critical', channels: ['pager', 'ops'] });
    expect(advance(rule, first, worse, at(30)).alert?.channels).toEqual(['ops', 'pager']);
  });
});

describe('a rule whose channels were changed', () => {
  const [before, after] = [ticked({ channels: ['ops'] }), ticked({ channels: ['pager'] })];

  it('has what fires told to them at its next reading, as a change of its own', () => {
    const firing = advance(before, undefined, readingOf(0, 'breached'), noon).alert as Alert;
    const changed = advance(after, firing, readingOf(30, 'breached'), at(30));
    expect(changed).toMatchObject({
      changed: true,
      from: 'firing',
      to: 'firing',
      alert: { channels: ['pager'], seq: firing.seq + 1, firedAt: noon },
    });
    expect(advance(after, changed.alert, readingOf(60, 'breached'), at(60)).alert).toBe(changed.alert);
  });

  it('has what waits know them before it fires, without a word', () => {
    const waiting = (channels: readonly string[]) => ofEvents({ channels, for: '1m' });
    const pending = advance(waiting(['ops']), undefined, readingOf(0, 'breached'), noon).alert as Alert;
    const changed = advance(waiting(['pager']), pending, readingOf(0, 'breached'), at(10));
    expect(changed).toMatchObject({ changed: false, alert: { channels: ['pager'], seq: pending.seq } });
    const fired = advance(waiting(['pager']), changed.alert, undefined, at(60)).alert;
    expect(fired).toMatchObject({ state: 'firing', channels: ['pager'] });
  });

  it('keeps the channels of a threshold that nothing is seen of, or that is not recovered from', () => {
    const rule = ticked({ channels: ['ops'], noData: 'fire' });
    const worst = readingOf(0, 'breached', { channels: ['pager'] });
    const firing = advance(rule, undefined, worst, noon).alert as Alert;
    expect(advance(rule, firing, readingOf(30, 'nothing'), at(30)).alert).toBe(firing);
    expect(advance(rule, firing, readingOf(30, 'between'), at(30)).alert).toBe(firing);
    const milder = readingOf(30, 'breached', { severity: 'info', holds: 'warning', channels: ['mail'] });
    expect(advance(rule, firing, milder, at(30)).alert).toBe(firing);
  });
});

describe('an alert redefined, with no reading', () => {
  const rule = ofEvents({ channels: ['ops'], keepFiringFor: '5m' });
  const firing = advance(rule, undefined, readingOf(0, 'breached'), noon).alert as Alert;
  const anew = ofEvents({ channels: ['pager'], keepFiringFor: '5m' });

  it('that fires has the channels and the severity of the rule, and is told', () => {
    expect(redefine(anew, firing)).toMatchObject({
      changed: true,
      alert: { channels: ['pager'], severity: 'warning', seq: firing.seq + 1 },
    });
    expect(redefine(anew, firing, 'critical').alert).toMatchObject({ severity: 'critical' });
    expect(redefine(rule, firing)).toMatchObject({ changed: false, alert: firing });
  });

  it('that was clear for a while is resolved when it would have been', () => {
    const clearing = advance(rule, firing, readingOf(60, 'clear'), at(60)).alert as Alert;
    const { alert, wakeAt } = redefine(anew, clearing);
    expect([alert?.clearSince, wakeAt]).toEqual([at(60), at(360)]);
  });

  it('that is over stays as it is', () => {
    const closed = closeAlert(firing, at(10), 'resolved by hand by ann', true).alert as Alert;
    expect(redefine(anew, closed, 'critical')).toMatchObject({ changed: false, alert: closed });
  });
});

describe('resolved by hand', () => {
  const rule = ticked();
  const firing = advance(rule, undefined, readingOf(0, 'breached'), noon).alert as Alert;
  const closed = closeAlert(firing, at(10), 'resolved by hand by ann', true);

  it('it is over, with the reason and the time', () => {
    expect(closed).toMatchObject({ from: 'firing', to: 'resolved', changed: true });
    expect(closed.alert).toMatchObject({
      state: 'resolved',
      seq: firing.seq + 1,
      resolvedAt: at(10),
      isResolvedByHand: true,
      reason: 'resolved by hand by ann',
    });
  });

  it('it fires again only after the condition was clear once', () => {
    const still = advance(rule, closed.alert, readingOf(30, 'breached'), at(30));
    expect(still.alert).toBe(closed.alert);
    expect(advance(rule, closed.alert, readingOf(40, 'between'), at(40)).alert).toBe(closed.alert);
    const clear = advance(rule, closed.alert, readingOf(60, 'clear'), at(60));
    expect(clear).toMatchObject({ changed: false, to: 'resolved' });
    expect(advance(rule, clear.alert, readingOf(90, 'breached'), at(90))).toMatchObject({
      to: 'firing',
      changed: true,
    });
  });

  it('a rule or a subject that is gone lets it go: nothing will ever be clear', () => {
    const gone = closeAlert(closed.alert as Alert, at(20), 'the rule was removed', false);
    expect(gone).toMatchObject({ changed: false, to: 'resolved' });
    expect(gone.alert).not.toHaveProperty('isResolvedByHand');
  });

  it('nothing becomes of what does not fire', () => {
    expect(closeAlert(closed.alert as Alert, at(20), 'again', true)).toMatchObject({
      changed: false,
      alert: closed.alert,
    });
  });

  it('a rule that is removed ends what fires, and what is pending without a word', () => {
    expect(closeAlert(firing, at(20), 'the rule was removed', false)).toMatchObject({
      to: 'resolved',
      changed: true,
    });
    const pending = advance(ticked({ for: '1m' }), undefined, readingOf(0, 'breached'), noon).alert as Alert;
    expect(closeAlert(pending, at(20), 'the rule was removed', false)).toMatchObject({
      alert: undefined,
      to: 'inactive',
      changed: false,
    });
  });
});

describe('numbers and times of an alert', () => {
  it('its seq grows by one with each change, from the second in which it began', () => {
    const rule = ticked({ for: '30s' });
    const rows = ['breached', 'breached', 'breached', 'clear', 'clear', 'breached'] as const;
    let alert: Alert | undefined;
    const seqs = rows.map((verdict, index) => {
      alert = advance(rule, alert, readingOf(index * 30, verdict), at(index * 30)).alert;
      return (alert?.seq ?? 0) - noon / 1000;
    });
    expect(seqs).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it('it knows since when it is true, when it fired, and when it was over', () => {
    const rule = ticked({ for: '1m' });
    const pending = advance(rule, undefined, readingOf(0, 'breached'), at(1)).alert;
    expect(pending).toMatchObject({ since: noon, readAt: noon, value: 7, reason: 'breached at 0' });
    const firing = advance(rule, pending, readingOf(60, 'breached', { value: 9 }), at(61)).alert;
    expect(firing).toMatchObject({ since: noon, firedAt: at(61), value: 9, reason: 'breached at 60' });
    const resolved = advance(
      rule,
      { ...(firing as Alert), incidentId: 'i1', groupKey: 'g1' },
      readingOf(90, 'clear'),
      at(91),
    );
    expect(resolved.alert).toMatchObject({
      since: noon,
      firedAt: at(61),
      resolvedAt: at(91),
      reason: 'clear at 90',
      incidentId: 'i1',
      groupKey: 'g1',
    });
    const anew = advance(ticked(), resolved.alert, readingOf(120, 'breached'), at(121)).alert;
    expect(anew).toMatchObject({ since: at(120), firedAt: at(121) });
    expect(anew).not.toHaveProperty('incidentId');
    expect(anew).not.toHaveProperty('resolvedAt');
  });

  it('each step tells its reason', () => {
    const rule = ticked({ for: '30s', cooldown: '1m', keepFiringFor: '30s' });
    let alert: Alert | undefined;
    const reasons = (['breached', 'breached', 'clear', 'clear', 'breached', 'nothing'] as const).map(
      (verdict, index) => {
        const found = advance(rule, alert, readingOf(index * 30, verdict), at(index * 30));
        alert = found.alert;
        return found.reason;
      },
    );
    expect(reasons).toEqual([
      'pending, it fires when this lasts 30 s: breached at 0',
      'firing: breached at 30',
      'firing on, resolved when this lasts 30 s: clear at 60',
      'resolved: clear at 90',
      'held back by the cooldown of 1 min: breached at 120',
      'left as it is: nothing at 150',
    ]);
  });
});
