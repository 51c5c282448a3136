import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'remedy-approval',
  purpose: 'Asks people to approve a plan.',
  trigger: { kind: 'step' },
  timeoutSeconds: 30,
  memoryMb: 256,
  needs: {
    state: ['get', 'query', 'put', 'update'],
    bus: ['publish'],
    incidents: ['send'],
    workflows: ['answer'],
  },
  why: {
    state: 'keeps which step waits, and what the channels are to tell',
    bus: 'tells that a plan waits for people',
    incidents: 'has the channels told now',
    workflows: 'goes on at once when people decided before the step waited',
  },
  settings: ['logLevel', 'retentionDays'],
});
