import { contracts } from '../functions/index.ts';
import type { FunctionContract } from '../shared/platform/function/contract.ts';
import type { StackConfig } from './config.ts';

/** Which functions a configuration deploys: those in a VPC only where one is configured. */
export const deployedContracts = (config: Pick<StackConfig, 'vpc'>): readonly FunctionContract[] =>
  Object.values<FunctionContract>(contracts).filter(
    (contract) => !contract.inVpc || config.vpc !== undefined,
  );
