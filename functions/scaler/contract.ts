import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'scaler',
  purpose: 'Judges the scaling rules each minute, and starts a scaling where one is due.',
  trigger: { kind: 'schedule', expression: 'rate(1 minute)' },
  timeoutSeconds: 50,
  memoryMb: 256,
  needs: {
    state: ['get', 'query', 'put', 'update'],
    telemetry: ['query'],
    bus: ['publish'],
    planner: ['invoke'],
    workflows: ['start'],
  },
  why: {
    state: 'reads the scaling rules and policies, keeps when each last scaled',
    telemetry: 'reads the series that the rules name',
    bus: 'tells what became of a plan',
    planner: 'has the plan made',
    workflows: 'starts the workflow of a plan',
  },
  settings: ['logLevel', 'retentionDays'],
});
