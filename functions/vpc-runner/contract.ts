import { defineFunction } from '../../shared/platform/function/contract.ts';
import { contract as runner } from '../runner/contract.ts';

// AWS itself, its functions included, is asked from outside the VPC, whatever `network` a check says.
const { teamFunctions: _functions, awsResources: _resources, ...needs } = runner.needs;
const { teamFunctions: _whyFunctions, awsResources: _whyResources, ...why } = runner.why;

/** The runner once more, from inside the VPC, for targets with private addresses. */
export const contract = defineFunction({
  ...runner,
  needs,
  why,
  name: 'vpc-runner',
  purpose: 'The runner, inside the VPC: probes checks that say `network: vpc`.',
  trigger: { ...runner.trigger, kind: 'queue', queue: 'vpcSlots', batchSize: 1, maximumConcurrency: 10 },
  inVpc: true,
});
