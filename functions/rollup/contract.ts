import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'rollup',
  purpose: 'Turns the results of past hours and days into small items, from which uptime is told.',
  trigger: { kind: 'schedule', expression: 'cron(10 * * * ? *)', maximumAgeSeconds: 3600 },
  timeoutSeconds: 600,
  // Processor time is what a run with 1,000 shards needs: 18 s an hour, 170 s with the day, and memory comes with it.
  memoryMb: 1024,
  needs: { telemetry: ['get', 'batchGet', 'query', 'put'] },
  why: { telemetry: 'reads results, writes hours and days' },
  settings: ['logLevel'],
});
