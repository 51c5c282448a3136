import { contract as api } from './api/contract.ts';
import { contract as authorizer } from './authorizer/contract.ts';
import { contract as dispatcher } from './dispatcher/contract.ts';
import { contract as page } from './page/contract.ts';
import { contract as projector } from './projector/contract.ts';
import { contract as runner } from './runner/contract.ts';
import { contract as sweeper } from './sweeper/contract.ts';
import { contract as vpcRunner } from './vpc-runner/contract.ts';

/** Every function of the stack; the folder is the contract's name. */
export const contracts = {
  api,
  authorizer,
  dispatcher,
  page,
  projector,
  runner,
  sweeper,
  vpcRunner,
} as const;
