import type { Page } from '../page.ts';

export const checks: Page = {
  title: 'Checks',
  home: '/checks',
  group: 'watch',
  key: 'c',
  routes: [
    { path: '/checks', load: () => import('./list.tsx') },
    { path: '/checks/new', load: () => import('./new.tsx') },
    { path: '/checks/:id', load: () => import('./detail.tsx') },
    { path: '/checks/:id/edit', load: () => import('./edit.tsx') },
  ],
};
