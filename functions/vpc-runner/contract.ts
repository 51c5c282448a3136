import { defineFunction } from '../../shared/platform/function/contract.ts';
import { contract as runner } from '../runner/contract.ts';

/** The runner once more, from inside the VPC, for targets with private addresses. */
export const contract = defineFunction({
  ...runner,
  name: 'vpc-runner',
  purpose: 'The runner, inside the VPC: probes checks that say `network: vpc`.',
  trigger: { ...runner.trigger, kind: 'queue', queue: 'vpcSlots', batchSize: 1, maximumConcurrency: 10 },
  inVpc: true,
});
