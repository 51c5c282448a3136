import { defineFunction } from '../../shared/platform/function/contract.ts';

/** Nothing in `state`: a hostile target that broke this function could approve no plan and read no token. */
export const contract = defineFunction({
  name: 'runner',
  purpose: 'Probes the checks of one shard in one slot, stores what it saw and folds it into the statuses.',
  trigger: { kind: 'queue', queue: 'slots', batchSize: 1, maximumConcurrency: 50 },
  timeoutSeconds: 60,
  memoryMb: 256,
  needs: {
    telemetry: ['get', 'batchGet', 'query', 'put'],
    bus: ['publish'],
    checkSecrets: ['read'],
    teamFunctions: ['invoke'],
    awsResources: ['describe'],
  },
  why: {
    telemetry: "reads a shard's plan and head, stores the results of a slot, folds them into the head",
    bus: 'tells that a status changed',
    checkSecrets: 'reads the secrets that checks name',
    teamFunctions: 'calls the functions that checks name',
    awsResources: 'asks AWS about the resources that checks name',
  },
  settings: ['logLevel', 'allowedPrivateRanges', 'retentionDays', 'canaries', 'vpcCanaries'],
});

/** What a runner needs wherever it is: inside the VPC there is no more to ask than the targets there. */
export type RunnerNeeds = Omit<(typeof contract)['needs'], 'teamFunctions' | 'awsResources'> &
  Partial<Pick<(typeof contract)['needs'], 'teamFunctions' | 'awsResources'>>;
