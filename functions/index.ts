import { contract as api } from './api/contract.ts';
import { contract as authorizer } from './authorizer/contract.ts';
import { contract as deploymentStatus } from './deployment-status/contract.ts';
import { contract as dispatcher } from './dispatcher/contract.ts';
import { contract as page } from './page/contract.ts';
import { contract as projector } from './projector/contract.ts';
import { contract as rollup } from './rollup/contract.ts';
import { contract as runner } from './runner/contract.ts';
import { contract as sweeper } from './sweeper/contract.ts';
import { contract as tester } from './tester/contract.ts';
import { contract as vpcRunner } from './vpc-runner/contract.ts';
import { contract as vpcTester } from './vpc-tester/contract.ts';
import { contract as watchdog } from './watchdog/contract.ts';

/** Every function of the stack; the folder is the contract's name. */
export const contracts = {
  api,
  authorizer,
  deploymentStatus,
  dispatcher,
  page,
  projector,
  rollup,
  runner,
  sweeper,
  tester,
  vpcRunner,
  vpcTester,
  watchdog,
} as const;
