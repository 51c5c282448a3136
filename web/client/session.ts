/**
 * Who is signed in: a token, held in memory and in the tab's session storage, never in an address. Another tab asks
 * for its own; closing the tab forgets it.
 */
const storageName = 'homeostat.token';

type Session = {
  readonly token: string | null;
  /** Why the token before was given up, as a sentence for the sign-in page. */
  readonly refused: string | null;
};

/** A browser may refuse storage; the token then lives as long as the page. */
const attempt = <T>(work: () => T, otherwise: T): T => {
  try {
    return work();
  } catch {
    return otherwise;
  }
};

let session: Session = {
  token: attempt(() => sessionStorage.getItem(storageName), null),
  refused: null,
};
const listeners = new Set<() => void>();

const become = (next: Session): void => {
  session = next;
  attempt(
    () =>
      next.token === null
        ? sessionStorage.removeItem(storageName)
        : sessionStorage.setItem(storageName, next.token),
    undefined,
  );
  for (const listener of listeners) listener();
};

export const currentSession = (): Session => session;
export const signIn = (token: string): void => become({ token: token.trim(), refused: null });
export const signOut = (refused: string | null = null): void => become({ token: null, refused });
export const onSessionChange = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
