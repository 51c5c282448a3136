import { useState } from 'preact/hooks';

/** What a reader chose for this browser; nothing secret. A browser without storage forgets it with the page. */
const read = (name: string): string | null => {
  try {
    return localStorage.getItem(`homeostat.${name}`);
  } catch {
    return null;
  }
};
const keep = (name: string, value: string): void => {
  try {
    localStorage.setItem(`homeostat.${name}`, value);
  } catch {
    // It holds until the page is left.
  }
};

export const schemes = ['auto', 'light', 'dark'] as const;
export type Scheme = (typeof schemes)[number];

const applyScheme = (scheme: Scheme): void => {
  if (scheme === 'auto') delete document.documentElement.dataset.scheme;
  else document.documentElement.dataset.scheme = scheme;
};

const schemeFrom = (text: string | null): Scheme => schemes.find((scheme) => scheme === text) ?? 'auto';
applyScheme(schemeFrom(read('scheme')));

export const useScheme = (): [Scheme, (scheme: Scheme) => void] => {
  const [scheme, setScheme] = useState(() => schemeFrom(read('scheme')));
  const choose = (next: Scheme): void => {
    keep('scheme', next);
    applyScheme(next);
    setScheme(next);
  };
  return [scheme, choose];
};

export const zones = ['local', 'UTC'] as const;
export type Zone = (typeof zones)[number];

export const useZone = (): [Zone, (zone: Zone) => void] => {
  const [zone, setZone] = useState<Zone>(() => (read('zone') === 'UTC' ? 'UTC' : 'local'));
  const choose = (next: Zone): void => {
    keep('zone', next);
    setZone(next);
  };
  return [zone, choose];
};
