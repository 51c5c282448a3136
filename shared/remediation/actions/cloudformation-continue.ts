import { stackAction } from './cloudformation-stack.ts';

/** Goes on with a rollback that got stuck; `skip` names logical ids that are left as they are. */
export const cloudformationContinue = stackAction({
  verbs: [],
  iamAction: 'cloudformation:ContinueUpdateRollback',
  params: (z) =>
    z.strictObject({
      skip: z
        .array(z.string().regex(/^[\w.]{1,255}$/))
        .max(50)
        .exactOptional(),
    }),
  from: ['UPDATE_ROLLBACK_FAILED'],
  otherwise: {
    UPDATE_IN_PROGRESS: 'use cloudformation-cancel',
    UPDATE_FAILED: 'use cloudformation-rollback',
    CREATE_FAILED: 'use cloudformation-rollback',
  },
  to: { UPDATE_ROLLBACK_FAILED: 'UPDATE_ROLLBACK_COMPLETE' },
  needsServiceRole: true,
  summary: (name, { skip }) =>
    `Go on with the rollback of the stack ${name}${Array.isArray(skip) && skip.length > 0 ? `, leaving ${skip.join(', ')} as they are` : ''}.`,
  run: (cloudformation, stackId, token, { skip }) =>
    cloudformation.continueRollback(stackId, Array.isArray(skip) ? skip.map(String) : [], token),
});
