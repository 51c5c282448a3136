import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'remedy-verify',
  purpose: 'Sees whether a remedy helped, by the checks themselves.',
  trigger: { kind: 'step' },
  timeoutSeconds: 30,
  memoryMb: 512,
  needs: {
    state: ['get', 'query', 'put', 'update'],
    telemetry: ['get', 'batchGet', 'query'],
    bus: ['publish'],
    slots: ['send'],
    vpcSlots: ['send'],
    actionTargets: ['read'],
    checkSecrets: ['read'],
  },
  why: {
    state: 'reads the checks and the release, keeps the verdict in the record',
    telemetry: 'reads what the checks saw since',
    bus: 'tells what became of a plan',
    slots: 'has a check looked at now',
    vpcSlots: 'has a private check looked at now',
    actionTargets: 'sees whether the change is there',
    checkSecrets: "reads the secrets that a team's Docker host needs",
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
