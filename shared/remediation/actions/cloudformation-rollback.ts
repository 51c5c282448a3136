import { stackAction } from './cloudformation-stack.ts';

/** Rolls back a stack that failed and was told to stay as it is (`--disable-rollback`). */
export const cloudformationRollback = stackAction({
  verbs: ['rollback'],
  iamAction: 'cloudformation:RollbackStack',
  params: (z) => z.strictObject({}),
  from: ['UPDATE_FAILED', 'CREATE_FAILED'],
  otherwise: {
    UPDATE_IN_PROGRESS: 'use cloudformation-cancel',
    UPDATE_ROLLBACK_FAILED: 'use cloudformation-continue',
  },
  to: { UPDATE_FAILED: 'UPDATE_ROLLBACK_COMPLETE', CREATE_FAILED: 'ROLLBACK_COMPLETE' },
  needsServiceRole: true,
  summary: (name) => `Roll the stack ${name} back to its last good state.`,
  run: (cloudformation, stackId, token) => cloudformation.rollBack(stackId, token),
});
