import type { Page } from '../page.ts';

export const statusPages: Page = {
  title: 'Status pages',
  home: '/status-pages',
  group: 'settings',
  key: 'u',
  routes: [
    { path: '/status-pages', load: () => import('./list.tsx') },
    { path: '/status-pages/new', load: () => import('./edit.tsx') },
    { path: '/status-pages/:id/edit', load: () => import('./edit.tsx') },
  ],
};
