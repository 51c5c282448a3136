import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'status',
  purpose: 'Serves the public status pages. It can read and nothing else, whoever asks and however often.',
  trigger: { kind: 'routes' },
  timeoutSeconds: 10,
  memoryMb: 512,
  needs: { state: ['get', 'query'], telemetry: ['query', 'batchGet'] },
  why: {
    state:
      'reads the definitions of status pages and of the public checks on them, incidents and maintenance',
    telemetry: 'reads how those checks stand, and their days',
  },
  settings: ['logLevel', 'publicUrl'],
});
