import type { Page } from '../page.ts';

export const silences: Page = {
  title: 'Silences',
  home: '/silences',
  group: 'watch',
  key: 's',
  routes: [{ path: '/silences', load: () => import('./list.tsx') }],
};
