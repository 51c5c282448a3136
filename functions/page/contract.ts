import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'page',
  purpose:
    'Serves the first page and the one that shows the API; they hold no data, the browser asks the API.',
  trigger: { kind: 'routes' },
  timeoutSeconds: 10,
  memoryMb: 256,
  needs: {},
  why: {},
  settings: ['logLevel'],
});
