import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'deployment-status',
  purpose: 'Keeps how each deployment stands, and tells when that changes.',
  trigger: {
    kind: 'queue',
    queue: 'transitions',
    batchSize: 100,
    batchWindowSeconds: 2,
    maximumConcurrency: 2,
  },
  timeoutSeconds: 60,
  memoryMb: 256,
  needs: {
    state: ['get', 'query', 'put', 'update'],
    telemetry: ['batchGet'],
    bus: ['publish'],
  },
  why: {
    state: "reads a deployment's checks, keeps how it stands",
    telemetry: 'reads how the checks stand',
    bus: 'tells that the status of a deployment changed',
  },
  settings: ['logLevel'],
});
