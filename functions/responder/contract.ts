import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'responder',
  purpose: 'Has a plan made of what was found, and starts its workflow where a policy says so.',
  trigger: {
    kind: 'events',
    types: [
      'check.status_changed',
      'deployment.status_changed',
      'finding.changed',
      'plan.decided',
      'release.changed',
      'remediation.changed',
    ],
    executions: true,
  },
  timeoutSeconds: 60,
  memoryMb: 256,
  needs: {
    state: ['get', 'query', 'put', 'update'],
    telemetry: ['batchGet'],
    bus: ['publish'],
    planner: ['invoke'],
    workflows: ['start', 'answer'],
    checkSecrets: ['read'],
  },
  why: {
    state: 'reads policies and findings, keeps the plan before its workflow starts',
    telemetry: 'reads how the checks stand',
    bus: 'tells what became of a plan',
    planner: 'has the plan made',
    workflows: 'starts the workflow of a plan, and has it go on once people decided',
    checkSecrets: "reads the secret that signs what the team's orchestrator is told",
  },
  settings: ['logLevel', 'retentionDays', 'orchestratorUrl', 'allowedPrivateRanges'],
});
