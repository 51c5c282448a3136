import type { Page } from '../page.ts';

export const rules: Page = {
  title: 'Alert rules',
  home: '/rules',
  group: 'watch',
  key: 'l',
  routes: [
    { path: '/rules', load: () => import('./list.tsx') },
    { path: '/rules/new', load: () => import('./edit.tsx') },
    { path: '/rules/:id', load: () => import('./detail.tsx') },
    { path: '/rules/:id/edit', load: () => import('./edit.tsx') },
  ],
};
