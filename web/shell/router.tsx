import type { ComponentType } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { Router, useLocation } from 'wouter-preact';
import { useHashLocation } from 'wouter-preact/use-hash-location';
import { Problem } from '../client/problem.ts';
import { ButtonLink } from '../components/button.tsx';
import { PageHead } from '../components/panel.tsx';
import { Empty, ProblemNote, Waiting } from '../components/told.tsx';
import { pages } from '../pages/index.ts';
import type { PageRoute } from '../pages/page.ts';

/** Addresses lie behind the hash, so that the same files answer under every path and no server must know the pages. */
export const HashRouter = Router;
export const hook = useHashLocation;

type Params = { readonly params: Readonly<Record<string, string>> };
type Shown = { readonly route: PageRoute; readonly Page: ComponentType<Params> };

const routes = pages.flatMap(({ title, routes: own }) => own.map((route) => ({ title, route })));
const parser = (path: string) => {
  const names: string[] = [];
  const pattern = path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  return { pattern: new RegExp(`^${pattern}/?$`), names };
};
const compiled = routes.map(({ title, route }) => ({ title, route, ...parser(route.path) }));

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The route of a path with its parameters; a query behind `?` is the page's own. */
export const routeOf = (
  location: string,
): { title: string; route: PageRoute; params: Record<string, string> } | undefined => {
  const path = location.split('?')[0] || '/';
  for (const { title, route, pattern, names } of compiled) {
    const found = pattern.exec(path);
    if (found)
      return {
        title,
        route,
        params: Object.fromEntries(names.map((name, at) => [name, decoded(found[at + 1] ?? '')])),
      };
  }
  return undefined;
};

/** How far down each page was when it was left; Back leads there again, a link leads to the beginning. */
const left = new Map<string, number>();
let isBack = false;
window.addEventListener('popstate', () => {
  isBack = true;
});
window.addEventListener('click', () => {
  isBack = false;
});

/** Goes where the reader was, or to the beginning; what is returned notes where the page is left. */
const rememberScroll = (path: string): (() => void) => {
  window.scrollTo(0, isBack ? (left.get(path) ?? 0) : 0);
  isBack = false;
  const note = (): void => void left.set(path, window.scrollY);
  window.addEventListener('scroll', note, { passive: true });
  return () => window.removeEventListener('scroll', note);
};

/** After a new release the chunks of the old one may be gone; without a network none comes that was not there before. */
const notLoaded = (): Problem =>
  navigator.onLine
    ? new Problem(0, 'NOT_LOADED', 'This page could not be loaded. Reload: there may be a newer console.')
    : new Problem(
        0,
        'OFFLINE',
        'You are offline, and this page was not opened before. It comes once you are online again.',
      );

// The first page's chunk is already on its way while the frame is drawn.
void routeOf(window.location.hash.slice(1))
  ?.route.load()
  .catch(() => {});

/** The page of the current address. While its chunk is loaded, the page before stays in sight. */
export const CurrentPage = () => {
  const [location] = useLocation();
  const path = location.split('?')[0] ?? '/';
  const match = routeOf(location);
  const [shown, setShown] = useState<Shown>();
  const [failure, setFailure] = useState<unknown>();
  const route = match?.route;
  const [attempt, setAttempt] = useState(0);
  const again = (): void => (navigator.onLine ? window.location.reload() : setAttempt(attempt + 1));
  useEffect(() => {
    if (!failure) return undefined;
    const retry = (): void => setAttempt((no) => no + 1);
    window.addEventListener('online', retry);
    return () => window.removeEventListener('online', retry);
  }, [failure]);
  useEffect(() => {
    if (!route) return;
    let isGone = false;
    setFailure(undefined);
    route.load().then(
      (module) => !isGone && setShown({ route, Page: module.default as ComponentType<Params> }),
      () => !isGone && setFailure(notLoaded()),
    );
    return () => {
      isGone = true;
    };
  }, [route, attempt]);
  // Until the page's own head names it; before effects, so that the head has the last word.
  const title = match?.title ?? 'No such page';
  useLayoutEffect(() => {
    document.title = `${title} · Homeostat`;
  }, [title, path]);
  const isShown = shown !== undefined && shown.route === route;
  // Whoever follows a link by the keyboard or hears the page goes on at its beginning.
  useEffect(() => {
    if (!isShown) return undefined;
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    return rememberScroll(path);
  }, [isShown, path]);

  if (!match) {
    return (
      <Empty title="There is no such page" action={<ButtonLink href="#/">Go to the overview</ButtonLink>}>
        <p>The address may be of an older console, or cut off.</p>
      </Empty>
    );
  }
  if (failure) {
    return (
      <div class="stack">
        <PageHead title={title} />
        <ProblemNote error={failure} again={again} />
      </div>
    );
  }
  return isShown ? <shown.Page key={path} params={match.params} /> : <Waiting />;
};
