import { stackAction } from './cloudformation-stack.ts';

/** Cancels the update that is under way: CloudFormation rolls it back with the permissions that it was begun with. */
export const cloudformationCancel = stackAction({
  verbs: [],
  iamAction: 'cloudformation:CancelUpdateStack',
  params: (z) => z.strictObject({}),
  from: ['UPDATE_IN_PROGRESS'],
  otherwise: {
    UPDATE_FAILED: 'use cloudformation-rollback',
    UPDATE_ROLLBACK_FAILED: 'use cloudformation-continue',
  },
  to: { UPDATE_IN_PROGRESS: 'UPDATE_ROLLBACK_COMPLETE' },
  needsServiceRole: false,
  summary: (name) => `Cancel the update of the stack ${name} and roll it back.`,
  run: (cloudformation, stackId, token) => cloudformation.cancelUpdate(stackId, token),
});
