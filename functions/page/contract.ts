import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'page',
  purpose:
    'Serves the page that shows the API, without data, and sends whoever looks for the console to where it is.',
  trigger: { kind: 'routes' },
  timeoutSeconds: 10,
  memoryMb: 256,
  needs: {},
  why: {},
  settings: ['logLevel', 'consoleUrl'],
});
