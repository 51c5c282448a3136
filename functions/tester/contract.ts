import { defineFunction } from '../../shared/platform/function/contract.ts';

/** A function of its own, for the API must not reach hostile targets: it can write what people defined. */
export const contract = defineFunction({
  name: 'tester',
  purpose: 'Tries a check that is not saved, once.',
  trigger: { kind: 'invoked' },
  timeoutSeconds: 60,
  memoryMb: 256,
  needs: { checkSecrets: ['read'], teamFunctions: ['invoke'], awsResources: ['describe'] },
  why: {
    checkSecrets: 'reads the secrets that the definition names',
    teamFunctions: 'calls the function that the definition names',
    awsResources: 'asks AWS about the resource that the definition names',
  },
  settings: ['logLevel', 'allowedPrivateRanges'],
});

/** What a tester needs wherever it is: inside the VPC there is no more to ask than the targets there. */
export type TesterNeeds = Omit<(typeof contract)['needs'], 'teamFunctions' | 'awsResources'> &
  Partial<Pick<(typeof contract)['needs'], 'teamFunctions' | 'awsResources'>>;
