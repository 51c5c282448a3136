import { defineFunction } from '../../shared/platform/function/contract.ts';
import { contract as tester } from '../tester/contract.ts';

// AWS itself, its functions included, is asked from outside the VPC, whatever `network` a check says.
const { teamFunctions: _functions, awsResources: _resources, ...needs } = tester.needs;
const { teamFunctions: _whyFunctions, awsResources: _whyResources, ...why } = tester.why;

/** The tester once more, from inside the VPC, for targets with private addresses. */
export const contract = defineFunction({
  ...tester,
  needs,
  why,
  name: 'vpc-tester',
  purpose: 'The tester, inside the VPC: tries checks that say `network: vpc`.',
  inVpc: true,
});
