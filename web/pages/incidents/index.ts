import type { Page } from '../page.ts';

export const incidents: Page = {
  title: 'Incidents',
  home: '/incidents',
  group: 'now',
  key: 'i',
  routes: [
    { path: '/incidents', load: () => import('./list.tsx') },
    { path: '/incidents/:id', load: () => import('./detail.tsx') },
  ],
};
