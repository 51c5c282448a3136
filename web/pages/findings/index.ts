import type { Page } from '../page.ts';

export const findings: Page = {
  title: 'Findings',
  home: '/findings',
  group: 'heal',
  key: 'f',
  routes: [{ path: '/findings', load: () => import('./list.tsx') }],
};
