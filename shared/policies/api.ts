/** What the API function and the command line need of policies, schemas included; never on a lean function's path. */
export {
  createPolicy,
  type DefinedPolicy,
  type DefinePolicyWorld,
  putPolicy,
  removePolicy,
  replacePolicy,
  requireSoundPolicy,
  withdrawPolicy,
} from './define.ts';
export {
  policyDefinitionSchema,
  policyIdSchema,
  policyReplacementSchema,
  policyVersionSchema,
  policyViewSchema,
} from './model.ts';
export { resolvePolicy } from './resolve.ts';
export { viewPolicy } from './view.ts';
export { type WrittenPolicy, writtenPolicyOf } from './written.ts';
