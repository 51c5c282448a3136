import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'sweeper',
  purpose: 'Publishes events that a crash left behind in the registry.',
  trigger: { kind: 'schedule', expression: 'rate(1 minute)' },
  timeoutSeconds: 50,
  memoryMb: 256,
  needs: { state: ['queryDue', 'get', 'update'], bus: ['publish'] },
  why: {
    state: 'finds items with unsent events and clears what was sent',
    bus: 'publishes the unsent events',
  },
  settings: ['logLevel'],
});
