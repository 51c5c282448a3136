import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'planner',
  purpose: 'Makes plans: reads what is there, and says exactly what would be changed. Changes nothing.',
  trigger: { kind: 'invoked' },
  timeoutSeconds: 30,
  memoryMb: 512,
  needs: {
    state: ['get', 'query'],
    telemetry: ['get'],
    actionTargets: ['read'],
    checkSecrets: ['read'],
  },
  why: {
    state: 'reads deployments, policies and findings',
    telemetry: 'reads how many checks the runner looks at side by side',
    actionTargets: 'reads what an action would change, for the before-image',
    checkSecrets: "reads the secrets that a team's Docker host needs",
  },
  settings: [
    'logLevel',
    'actionKinds',
    'actionScopes',
    'processes',
    'allowedPrivateRanges',
    'orchestratorUrl',
  ],
});
