import type { Page } from '../page.ts';

export const policies: Page = {
  title: 'Policies',
  home: '/policies',
  group: 'heal',
  key: 'p',
  routes: [
    { path: '/policies', load: () => import('./list.tsx') },
    { path: '/policies/new', load: () => import('./edit.tsx') },
    { path: '/policies/:id', load: () => import('./detail.tsx') },
    { path: '/policies/:id/edit', load: () => import('./edit.tsx') },
  ],
};
