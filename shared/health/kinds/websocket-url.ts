import { urlFault } from './http-config.ts';

/** Why this is not a ws:// or wss:// URL to probe, and what to write instead; undefined when it is one. */
export const websocketFault = (target: string): string | undefined => {
  const shape = 'Give a ws:// or wss:// URL, such as wss://example.com/live.';
  if (!/^wss?:\/\//i.test(target) || !URL.canParse(target)) return shape;
  if (target.includes('#')) return 'Leave out the # and what follows: it is never sent.';
  return urlFault(target.replace(/^ws/i, 'http'));
};
