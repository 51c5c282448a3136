import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'remedy-close',
  purpose: 'Ends a remediation: verdict, record, leases, and the people when it did not help.',
  trigger: { kind: 'step' },
  timeoutSeconds: 30,
  memoryMb: 256,
  needs: { state: ['get', 'put', 'update'], bus: ['publish'] },
  why: {
    state: 'writes the end, frees the leases, counts',
    bus: 'tells what became of a plan',
  },
  settings: ['logLevel', 'retentionDays'],
});
