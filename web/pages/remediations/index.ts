import type { Page } from '../page.ts';

export const remediations: Page = {
  title: 'Remediations',
  home: '/remediations',
  group: 'heal',
  key: 'r',
  routes: [
    { path: '/remediations', load: () => import('./list.tsx') },
    { path: '/remediations/ask', load: () => import('./ask.tsx') },
    { path: '/remediations/:id', load: () => import('./detail.tsx') },
  ],
};
