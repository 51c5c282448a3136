import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'dispatcher',
  purpose: 'Each minute sends one message for every shard and slot of the next minute.',
  trigger: { kind: 'schedule', expression: 'rate(1 minute)' },
  timeoutSeconds: 50,
  memoryMb: 256,
  needs: { telemetry: ['query'], slots: ['send'], vpcSlots: ['send'], signals: ['send'] },
  why: {
    telemetry: 'reads the lists of shards',
    slots: 'sends the slots of public checks to the runner',
    vpcSlots: 'sends the slots of private checks to the runner in the VPC',
    signals: 'has the rules judged every 30 seconds',
  },
  settings: ['logLevel'],
});
