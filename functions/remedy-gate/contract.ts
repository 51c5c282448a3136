import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'remedy-gate',
  purpose: 'Lets a plan go on only when the world is as planned and no brake holds it.',
  trigger: { kind: 'step' },
  timeoutSeconds: 30,
  memoryMb: 512,
  needs: {
    state: ['get', 'query', 'put', 'update'],
    telemetry: ['get', 'batchGet'],
    bus: ['publish'],
    actionTargets: ['read'],
  },
  why: {
    state: 'reads policies, the stop switch and limits, takes the lease of each resource',
    telemetry: 'reads how the checks stand now',
    bus: 'tells what became of a plan',
    actionTargets: 'sees whether the world is still as the plan found it',
  },
  settings: [
    'logLevel',
    'retentionDays',
    'actionKinds',
    'processes',
    'allowedPrivateRanges',
    'orchestratorUrl',
  ],
});
