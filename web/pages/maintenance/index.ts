import type { Page } from '../page.ts';

export const maintenance: Page = {
  title: 'Maintenance',
  home: '/maintenance',
  group: 'watch',
  key: 'm',
  routes: [
    { path: '/maintenance', load: () => import('./list.tsx') },
    { path: '/maintenance/new', load: () => import('./edit.tsx') },
    { path: '/maintenance/:id/edit', load: () => import('./edit.tsx') },
  ],
};
