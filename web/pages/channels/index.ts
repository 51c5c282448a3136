import type { Page } from '../page.ts';

export const channels: Page = {
  title: 'Channels',
  home: '/channels',
  group: 'watch',
  key: 'n',
  routes: [
    { path: '/channels', load: () => import('./list.tsx') },
    { path: '/channels/new', load: () => import('./edit.tsx') },
    { path: '/channels/:id', load: () => import('./detail.tsx') },
    { path: '/channels/:id/edit', load: () => import('./edit.tsx') },
  ],
};
