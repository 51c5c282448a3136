import type { Page } from '../page.ts';

export const settings: Page = {
  title: 'Alert settings',
  home: '/settings',
  group: 'settings',
  key: 'e',
  routes: [{ path: '/settings', load: () => import('./alerting.tsx') }],
};
