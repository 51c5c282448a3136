import { contract as api } from './api/contract.ts';
import { contract as authorizer } from './authorizer/contract.ts';
import { contract as consoleFiles } from './console-files/contract.ts';
import { contract as dispatcher } from './dispatcher/contract.ts';
import { contract as evaluator } from './evaluator/contract.ts';
import { contract as incidents } from './incidents/contract.ts';
import { contract as notifier } from './notifier/contract.ts';
import { contract as page } from './page/contract.ts';
import { contract as planner } from './planner/contract.ts';
import { contract as projector } from './projector/contract.ts';
import { contract as remedyApply } from './remedy-apply/contract.ts';
import { contract as remedyApproval } from './remedy-approval/contract.ts';
import { contract as remedyClose } from './remedy-close/contract.ts';
import { contract as remedyGate } from './remedy-gate/contract.ts';
import { contract as remedyVerify } from './remedy-verify/contract.ts';
import { contract as responder } from './responder/contract.ts';
import { contract as rollup } from './rollup/contract.ts';
import { contract as runner } from './runner/contract.ts';
import { contract as scaler } from './scaler/contract.ts';
import { contract as status } from './status/contract.ts';
import { contract as sweeper } from './sweeper/contract.ts';
import { contract as tester } from './tester/contract.ts';
import { contract as vpcRunner } from './vpc-runner/contract.ts';
import { contract as vpcTester } from './vpc-tester/contract.ts';
import { contract as watchdog } from './watchdog/contract.ts';

/** Every function of the stack; the folder is the contract's name. */
export const contracts = {
  api,
  authorizer,
  consoleFiles,
  dispatcher,
  evaluator,
  incidents,
  notifier,
  page,
  planner,
  projector,
  remedyApply,
  remedyApproval,
  remedyClose,
  remedyGate,
  remedyVerify,
  responder,
  rollup,
  runner,
  scaler,
  status,
  sweeper,
  tester,
  vpcRunner,
  vpcTester,
  watchdog,
} as const;
