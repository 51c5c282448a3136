import { type Badge, drawBadge } from '../../health/index.ts';
import type { PublicState } from './states.ts';
import { printable } from './text.ts';

const messages: Readonly<Record<PublicState, readonly [message: string, color: string]>> = {
  operational: ['operational', 'brightgreen'],
  degraded: ['degraded', 'yellow'],
  down: ['down', 'red'],
  maintenance: ['maintenance', 'blue'],
  unknown: ['unknown', 'lightgrey'],
};

export const badgeOf = (name: string, state: PublicState): Badge => {
  const [message, color] = messages[state];
  return { label: printable(name), message, color };
};

/** How a page stands, as SVG. */
export const badgeSvg = (name: string, state: PublicState): Promise<string> =>
  drawBadge(badgeOf(name, state));
