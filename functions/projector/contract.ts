import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'projector',
  purpose: 'Brings changed check definitions from the registry into the plans that runners read.',
  trigger: {
    kind: 'queue',
    queue: 'planChanges',
    batchSize: 100,
    batchWindowSeconds: 1,
    maximumConcurrency: 2,
  },
  timeoutSeconds: 60,
  memoryMb: 256,
  needs: {
    state: ['batchGet', 'update'],
    telemetry: ['get', 'query', 'put'],
    slots: ['send'],
    vpcSlots: ['send'],
  },
  why: {
    state: 'reads the definitions that changed and notes on each the shard it was placed in',
    telemetry: 'writes plans and the list of shards',
    slots: 'has a new check looked at at once',
    vpcSlots: 'has a new private check looked at at once',
  },
  settings: ['logLevel'],
});
