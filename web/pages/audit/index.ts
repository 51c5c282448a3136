import type { Page } from '../page.ts';

export const audit: Page = {
  title: 'Audit',
  home: '/audit',
  group: 'settings',
  key: 'a',
  routes: [{ path: '/audit', load: () => import('./list.tsx') }],
};
