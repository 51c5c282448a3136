import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'evaluator',
  purpose: 'Keeps how each deployment stands, and judges the rules: at each signal, and every 30 seconds.',
  trigger: {
    kind: 'queue',
    queue: 'signals',
    batchSize: 100,
    batchWindowSeconds: 1,
    maximumConcurrency: 5,
  },
  timeoutSeconds: 60,
  memoryMb: 512,
  needs: {
    state: ['get', 'batchGet', 'query', 'put', 'update'],
    telemetry: ['get', 'batchGet', 'query', 'put'],
    bus: ['publish'],
    incidents: ['send'],
    teamFunctions: ['invoke'],
  },
  why: {
    state: "reads a deployment's checks and rules, keeps how it stands, alerts, and who wrote what",
    telemetry: 'reads how the checks stand and what they measured, keeps the rules of each shard together',
    bus: 'tells that a deployment or an alert changed',
    incidents: 'has the incident of an alert decided anew',
    teamFunctions: "asks a team's own function for the verdict of a rule",
  },
  settings: ['logLevel', 'retentionDays'],
});
