import type { Page } from '../page.ts';

export const tokens: Page = {
  title: 'Tokens',
  home: '/tokens',
  group: 'settings',
  key: 't',
  routes: [{ path: '/tokens', load: () => import('./list.tsx') }],
};
