import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'watchdog',
  purpose: 'Finds checks whose results stopped coming, tells it, and finishes what broken-off runs left.',
  trigger: { kind: 'schedule', expression: 'rate(5 minutes)', maximumAgeSeconds: 300 },
  timeoutSeconds: 240,
  memoryMb: 256,
  needs: { telemetry: ['get', 'batchGet', 'query', 'put'], bus: ['publish'] },
  why: {
    telemetry: 'reads plans and heads, folds what nobody folded',
    bus: 'tells what nobody told',
  },
  settings: ['logLevel'],
});
