import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'api',
  purpose: 'Answers the HTTP API.',
  trigger: { kind: 'routes' },
  timeoutSeconds: 20,
  memoryMb: 512,
  needs: {
    state: ['get', 'query', 'put', 'update'],
    telemetry: ['get', 'query', 'batchGet', 'update'],
    bus: ['publish'],
    slots: ['send'],
    vpcSlots: ['send'],
    checkSecrets: ['list'],
    tester: ['invoke'],
    vpcTester: ['invoke'],
  },
  why: {
    state: 'reads and writes what people define: deployments, checks, tokens',
    telemetry: 'reads statuses, results and uptime; notes the pings of heartbeats',
    bus: 'tells that a definition changed',
    slots: 'has a check looked at now',
    vpcSlots: 'has a private check looked at now',
    checkSecrets: 'sees whether the secrets that a check names are there, never their values',
    tester: 'has a definition tried that is not saved',
    vpcTester: 'has a private definition tried that is not saved',
  },
  settings: [
    'logLevel',
    'vpcRunner',
    'allowedPrivateRanges',
    'defaultIntervalSeconds',
    'checkSecretNames',
    'teamFunctionArns',
    'awsServices',
  ],
});
