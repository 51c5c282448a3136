import { useCallback } from 'preact/hooks';
import { useLocation } from 'wouter-preact';

export type AddressQuery = Readonly<Record<string, string>>;

/** `#/checks?status=unhealthy&q=shop` → `{ status: 'unhealthy', q: 'shop' }`; of a name given twice the last. */
export const queryOf = (location: string): AddressQuery => {
  const at = location.indexOf('?');
  return at < 0 ? {} : Object.fromEntries(new URLSearchParams(location.slice(at + 1)));
};

/** The address with other values in its query; an empty or undefined one is taken out. */
export const withQuery = (
  location: string,
  changes: Readonly<Record<string, string | undefined>>,
): string => {
  const query = new URLSearchParams(queryOf(location));
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  return `${location.split('?')[0]}${text && `?${text}`}`;
};

/** Behind the hash, as the router reads it. */
const here = (): string => `/${window.location.hash.replace(/^#?\/?/, '')}`;

type ChangeOptions = {
  /** The change takes the place of the address in the history: for each letter typed. Otherwise Back undoes it. */
  readonly replaces?: boolean;
};

/**
 * What a page shows, kept in its address behind `?`: a link to it can be shared, and Back goes back to it. The router's own
 * way would put the query before the hash, and so load the console anew.
 */
export const useAddressQuery = (): readonly [
  AddressQuery,
  (changes: Readonly<Record<string, string | undefined>>, options?: ChangeOptions) => void,
] => {
  const [location] = useLocation();
  const change = useCallback(
    (
      changes: Readonly<Record<string, string | undefined>>,
      { replaces = false }: ChangeOptions = {},
    ): void => {
      const from = here();
      const to = withQuery(from, changes);
      if (to === from) return;
      const [oldURL, newURL] = [window.location.href, new URL(`#${to}`, window.location.href).href];
      window.history[replaces ? 'replaceState' : 'pushState'](null, '', newURL);
      window.dispatchEvent(new HashChangeEvent('hashchange', { oldURL, newURL }));
    },
    [],
  );
  return [queryOf(location), change];
};
