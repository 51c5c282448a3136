import { defineFunction } from '../../shared/platform/function/contract.ts';

/** Nothing in `state`: a hostile target that broke this function could approve no plan and read no token. */
export const contract = defineFunction({
  name: 'runner',
  purpose: 'Probes the checks of one shard in one slot, stores what it saw and folds it into the statuses.',
  trigger: { kind: 'queue', queue: 'slots', batchSize: 1, maximumConcurrency: 50 },
  timeoutSeconds: 60,
  memoryMb: 256,
  needs: { telemetry: ['get', 'query', 'put'], bus: ['publish'] },
  why: {
    telemetry: "reads a shard's plan and head, stores the results of a slot, folds them into the head",
    bus: 'tells that a status changed',
  },
  settings: ['logLevel', 'allowedPrivateRanges', 'retentionDays'],
});
