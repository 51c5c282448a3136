import { describe, expect, it } from 'vitest';
import type { WrittenPolicy } from '../../../shared/policies/api.ts';
import { windowHold } from '../../../shared/policies/index.ts';
import { policyOf } from './policies.ts';

type Windows = NonNullable<WrittenPolicy['windows']>;

const berlin = 'Europe/Berlin';
const fridayNight: Windows = [
  { kind: 'deny', weekdays: ['fri'], from: '18:00', until: '06:00', time_zone: berlin },
];
const office: Windows = [
  {
    kind: 'allow',
    weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
    from: '09:00',
    until: '17:00',
    time_zone: berlin,
  },
];
const atNight: Windows = [{ kind: 'allow', from: '22:00', until: '05:30', time_zone: 'America/New_York' }];
const daily: Windows = [{ kind: 'deny', from: '02:00', until: '03:00', time_zone: berlin }];
const mondays: Windows = [{ kind: 'deny', weekdays: ['mon'], from: '00:00', until: '24:00' }];

type Row = readonly [windows: Windows, now: string, untilAt: string | 'runs' | 'no end'];

// 2026-06-12 is a Friday, Berlin at +02:00. 2026-03-29 clocks in Berlin jump from 02:00 to 03:00 (01:00Z), 2026-10-25 from
// 03:00 back to 02:00 (01:00Z). New York is at -05:00 in January.
const rows: Record<string, readonly Row[]> = {
  'without windows it always runs': [[[], '2026-06-12T20:00:00Z', 'runs']],
  'never on Friday night: from its first minute, past midnight, not at its end': [
    [fridayNight, '2026-06-12T15:59:59.999Z', 'runs'],
    [fridayNight, '2026-06-12T16:00:00Z', '2026-06-13T04:00:00Z'],
    [fridayNight, '2026-06-12T22:30:00Z', '2026-06-13T04:00:00Z'],
    [fridayNight, '2026-06-13T03:59:59Z', '2026-06-13T04:00:00Z'],
    [fridayNight, '2026-06-13T04:00:00Z', 'runs'],
  ],
  'the morning of a Friday belongs to the night of Thursday, which is free': [
    [fridayNight, '2026-06-12T02:00:00Z', 'runs'],
    [fridayNight, '2026-06-13T16:30:00Z', 'runs'],
  ],
  'outside of what is allowed it waits for the next time that is': [
    [office, '2026-06-11T07:00:00Z', 'runs'],
    [office, '2026-06-11T06:59:59Z', '2026-06-11T07:00:00Z'],
    [office, '2026-06-12T15:00:00Z', '2026-06-15T07:00:00Z'],
  ],
  'a window past midnight is open on both sides of it, by the clock of its own zone': [
    [atNight, '2026-01-10T02:59:00Z', '2026-01-10T03:00:00Z'],
    [atNight, '2026-01-10T03:00:00Z', 'runs'],
    [atNight, '2026-01-10T10:29:59Z', 'runs'],
    [atNight, '2026-01-10T10:30:00Z', '2026-01-11T03:00:00Z'],
  ],
  'what denies goes before what allows': [
    [[...office, ...fridayNight], '2026-06-12T14:59:00Z', 'runs'],
    [
      [...office, { kind: 'deny', from: '12:00', until: '13:00', time_zone: berlin }],
      '2026-06-12T10:15:00Z',
      '2026-06-12T11:00:00Z',
    ],
    // The end of the denial lies outside of what is allowed: it waits on.
    [
      [...office, { kind: 'deny', from: '16:00', until: '18:00', time_zone: berlin }],
      '2026-06-11T14:00:00Z',
      '2026-06-12T07:00:00Z',
    ],
  ],
  'an hour that the clocks skip in spring is never there: nothing is held at it': [
    [daily, '2026-03-28T01:30:00Z', '2026-03-28T02:00:00Z'],
    [daily, '2026-03-29T00:59:59Z', 'runs'],
    [daily, '2026-03-29T01:00:00Z', 'runs'],
  ],
  'an hour that they repeat in autumn is there twice': [
    [daily, '2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z'],
    [daily, '2026-10-25T01:30:00Z', '2026-10-25T02:00:00Z'],
    [daily, '2026-10-25T02:00:00Z', 'runs'],
  ],
  'the night in which the clocks jump ends by the clock on the wall': [
    [
      [{ kind: 'deny', weekdays: ['sat'], from: '22:00', until: '06:00', time_zone: berlin }],
      '2026-03-28T21:00:00Z',
      '2026-03-29T04:00:00Z',
    ],
    [
      [{ kind: 'deny', weekdays: ['sat'], from: '22:00', until: '06:00', time_zone: berlin }],
      '2026-10-24T20:00:00Z',
      '2026-10-25T05:00:00Z',
    ],
  ],
  'zones with half and quarter hours are kept to the minute': [
    [
      [{ kind: 'deny', from: '09:10', until: '09:20', time_zone: 'Asia/Kathmandu' }],
      '2026-06-12T03:24:00Z',
      'runs',
    ],
    [
      [{ kind: 'deny', from: '09:10', until: '09:20', time_zone: 'Asia/Kathmandu' }],
      '2026-06-12T03:25:00Z',
      '2026-06-12T03:35:00Z',
    ],
    [
      [{ kind: 'deny', from: '09:10', until: '09:20', time_zone: 'Asia/Kolkata' }],
      '2026-06-12T03:40:00Z',
      '2026-06-12T03:50:00Z',
    ],
  ],
  'a whole day ends at midnight of its zone, UTC when none is named': [
    [mondays, '2026-06-15T00:00:00Z', '2026-06-16T00:00:00Z'],
    [mondays, '2026-06-14T23:59:59Z', 'runs'],
  ],
  'what never lets anything through has no end': [
    [[{ kind: 'deny', from: '00:00', until: '24:00' }], '2026-06-12T12:00:00Z', 'no end'],
    [
      [{ kind: 'allow', weekdays: ['mon'], from: '10:00', until: '11:00' }, ...mondays],
      '2026-06-12T12:00:00Z',
      'no end',
    ],
  ],
};

describe('windows of a policy', () => {
  it.each(Object.entries(rows))('%s', (_, cases) => {
    for (const [windows, now, expected] of cases) {
      const hold = windowHold(policyOf({ windows }), Date.parse(now));
      const until = hold?.untilAt === undefined ? 'no end' : new Date(hold.untilAt).toISOString();
      const told = hold === undefined ? 'runs' : until;
      const wanted = /^\d/.test(expected) ? new Date(expected).toISOString() : expected;
      expect([now, told]).toEqual([now, wanted]);
    }
  });

  it('the reason says when it does not run, or when alone it does', () => {
    const friday = Date.parse('2026-06-12T20:00:00Z');
    expect(windowHold(policyOf({ windows: fridayNight }), friday)?.reason).toBe(
      'Nothing runs fri 18:00–06:00 (Europe/Berlin).',
    );
    expect(
      windowHold(policyOf({ windows: [...office, ...atNight] }), Date.parse('2026-06-13T12:00:00Z'))?.reason,
    ).toBe(
      'It runs only mon, tue, wed, thu, fri 09:00–17:00 (Europe/Berlin) or daily 22:00–05:30 (America/New_York).',
    );
  });
});
