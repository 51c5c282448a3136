import type { Page } from '../page.ts';

export const overview: Page = {
  title: 'Overview',
  home: '/',
  group: 'now',
  key: 'o',
  routes: [{ path: '/', load: () => import('./overview.tsx') }],
};
