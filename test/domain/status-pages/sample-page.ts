import type { DayBar } from '../../../shared/health/index.ts';
import type {
  Component,
  PublicIncident,
  PublicPage,
} from '../../../shared/status-pages/public/page-model.ts';

/** A page as it may be read on Monday, 2 November 2026, 12:00 UTC. */
export const readAt = Date.UTC(2026, 10, 2, 12);
export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

const wholeDay: Omit<DayBar, 'dayAt'> = {
  uptimePercent: 100,
  downtimeSeconds: 0,
  knownSeconds: 86_400,
  maintenanceSeconds: 0,
};

/** 90 days, all well but for those given, by how many days ago they were. */
export const barsOf = (other: Readonly<Record<number, Partial<DayBar>>> = {}): readonly DayBar[] =>
  Array.from({ length: 90 }, (_, at) => {
    const ago = 89 - at;
    const dayAt = Date.UTC(2026, 10, 2) - ago * day;
    return { dayAt, ...wholeDay, ...(ago === 0 && { knownSeconds: 43_200 }), ...other[ago] };
  });

export const componentOf = (label: string, given: Partial<Component> = {}): Component => ({
  label,
  state: 'operational',
  uptimePercent: 99.9876,
  coveragePercent: 100,
  bars: barsOf(),
  ...given,
});

export const incidentOf = (given: Partial<PublicIncident> = {}): PublicIncident => ({
  id: '0123456789abcdef',
  title: 'Checkout is down',
  state: 'identified',
  startedAt: readAt - 40 * minute,
  components: ['Checkout'],
  updates: [
    { id: 'u3', at: readAt - 10 * minute, text: 'Cards are declined.\nPayPal works.' },
    { id: 'u2', at: readAt - 30 * minute, state: 'identified', text: 'We are on it.' },
    { id: 'u1', at: readAt - 40 * minute, state: 'investigating', text: 'We are investigating.' },
  ],
  ...given,
});

export const pageOf = (given: Partial<PublicPage> = {}): PublicPage => ({
  face: {
    slug: 'shop',
    name: 'Shop status',
    description: 'Everything that our customers use.',
    homeUrl: 'https://shop.example/',
    supportUrl: 'mailto:help@shop.example',
    accentColor: '#7c3aed',
    timeZone: 'Europe/Berlin',
  },
  overall: { state: 'down', sentence: 'Some systems are down' },
  groups: [
    {
      name: 'Shop',
      description: 'What customers see.',
      components: [
        componentOf('Checkout', {
          state: 'down',
          uptimePercent: 99.1234,
          bars: barsOf({
            0: { uptimePercent: 94.4, downtimeSeconds: 2400, knownSeconds: 43_200 },
            7: { uptimePercent: 99.1, downtimeSeconds: 720 },
            8: { uptimePercent: 80, downtimeSeconds: 17_280 },
            20: { knownSeconds: 0, uptimePercent: null, maintenanceSeconds: 86_400 },
          }),
        }),
        componentOf('Search', {
          state: 'degraded',
          coveragePercent: 62.5,
          bars: barsOf(
            Object.fromEntries(
              Array.from({ length: 34 }, (_, at) => [56 + at, { knownSeconds: 0, uptimePercent: null }]),
            ),
          ),
        }),
      ],
    },
    {
      name: 'Behind it',
      components: [
        componentOf('Warehouse', { state: 'maintenance' }),
        componentOf('Mail', { state: 'unknown', bars: barsOf({ 3: { knownSeconds: 20_000 } }) }),
        componentOf('Accounts'),
      ],
    },
  ],
  omitted: 0,
  open: [incidentOf()],
  past: [
    incidentOf({
      id: 'fedcba9876543210',
      title: 'Several systems are affected (2)',
      state: 'resolved',
      startedAt: readAt - 8 * day,
      resolvedAt: readAt - 8 * day + 5 * hour,
      components: ['Checkout', 'Search'],
      updates: [
        {
          id: 'p2',
          at: readAt - 8 * day + 5 * hour,
          state: 'resolved',
          text: 'This incident is resolved.',
        },
        { id: 'p1', at: readAt - 8 * day, state: 'investigating', text: 'We are investigating.' },
      ],
    }),
  ],
  maintenance: [
    { startsAt: readAt - hour, endsAt: readAt + hour, isRunning: true, components: ['Warehouse'] },
    { startsAt: readAt + 5 * day, isRunning: false, components: ['Search', 'Mail'] },
  ],
  readAt,
  ...given,
});
