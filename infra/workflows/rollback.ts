import { watch, workflowOf } from './fragments.ts';

export const rollback = workflowOf(
  'Watches a release for its window; rolls back to the version before when it is not well, and verifies that',
  'WaitForVersion',
  watch,
);
