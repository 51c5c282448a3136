import type { Page } from '../page.ts';

export const deployments: Page = {
  title: 'Deployments',
  home: '/deployments',
  group: 'watch',
  key: 'd',
  routes: [
    { path: '/deployments', load: () => import('./list.tsx') },
    { path: '/deployments/:id', load: () => import('./detail.tsx') },
  ],
};
