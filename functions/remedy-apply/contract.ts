import { defineFunction } from '../../shared/platform/function/contract.ts';

/** The only function that changes the world, and of the team's own it can do nothing by its own role but take those of the actions. */
export const contract = defineFunction({
  name: 'remedy-apply',
  purpose: 'Applies one attempt of one approved plan, at most once.',
  trigger: { kind: 'step' },
  timeoutSeconds: 60,
  memoryMb: 512,
  needs: {
    state: ['get', 'put', 'update'],
    telemetry: ['put'],
    bus: ['publish'],
    actionRoles: ['assume'],
    checkSecrets: ['read'],
  },
  why: {
    state: 'notes that it begins, reads the stop switch, keeps each call in the record',
    telemetry: 'sets how many checks the runner looks at side by side',
    bus: 'tells what became of a plan',
    actionRoles: 'takes the role of an action, narrowed to the resources of the plan',
    checkSecrets: "reads the secrets that a team's webhook or Docker host needs",
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
