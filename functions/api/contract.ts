import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'api',
  purpose: 'Answers the HTTP API.',
  trigger: { kind: 'routes' },
  timeoutSeconds: 20,
  memoryMb: 512,
  needs: {
    state: ['get', 'query', 'put', 'update'],
    telemetry: ['query', 'batchGet'],
    bus: ['publish'],
  },
  why: {
    state: 'reads and writes what people define: deployments, checks, tokens',
    telemetry: 'reads statuses and results',
    bus: 'tells that a definition changed',
  },
  settings: ['logLevel', 'vpcRunner', 'allowedPrivateRanges', 'defaultIntervalSeconds'],
});
