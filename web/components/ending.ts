import { instantAt, tomorrowAt } from './wall-time.ts';

/** When something that begins now shall end, as a person chooses it. */
export type Ending = {
  readonly how: '15m' | '1h' | '4h' | 'tomorrow' | 'exact';
  /** What the field of `exact` holds, such as `2026-11-22T18:04`. */
  readonly wall: string;
};

export const endings: readonly { readonly how: Ending['how']; readonly title: string }[] = [
  { how: '15m', title: '15 min' },
  { how: '1h', title: '1 h' },
  { how: '4h', title: '4 h' },
  { how: 'tomorrow', title: 'until tomorrow 9:00' },
  { how: 'exact', title: 'until …' },
];

const minutes: Readonly<Record<'15m' | '1h' | '4h', number>> = { '15m': 15, '1h': 60, '4h': 240 };

/** As the API takes it. A length is sent as one, so that a clock that goes wrong here does no harm. */
export type GivenEnding = { readonly duration: string } | { readonly endsAt: string };

/** The instant it means (epoch ms) and how it is said to the API; undefined while no time is given or it is over. */
export const endOf = (
  { how, wall }: Ending,
  now: number,
  timeZone?: string,
): { readonly at: number; readonly given: GivenEnding } | undefined => {
  if (how !== 'tomorrow' && how !== 'exact') {
    return { at: now + minutes[how] * 60_000, given: { duration: how } };
  }
  const at = how === 'tomorrow' ? tomorrowAt('09:00', now, timeZone) : instantAt(wall, timeZone);
  if (at === undefined || at <= now) return undefined;
  return { at, given: { endsAt: new Date(at).toISOString() } };
};
