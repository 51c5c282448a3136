import type { ComponentType } from 'preact';

/** What a route of a page is given: the parameters of its path. */
export type RouteProps<P extends string = never> = { readonly params: { readonly [name in P]: string } };

export type PageRoute = {
  /** Below the hash: `/checks/:id`. The first that matches is shown. */
  readonly path: string;
  /** A chunk of its own, loaded when somebody goes there. */
  load(): Promise<{ readonly default: ComponentType<never> }>;
};

/** One capability in the console: a folder under `web/pages` and a line in `web/pages/index.ts`. */
export type Page = {
  /** In the navigation. */
  readonly title: string;
  /** Where its entry leads. */
  readonly home: string;
  readonly group: 'now' | 'watch' | 'heal' | 'settings';
  /** After `g`: the keyboard's way to it. One letter, unique. */
  readonly key: string;
  readonly routes: readonly PageRoute[];
};
