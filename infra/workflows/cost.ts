import { workflowOf } from './fragments.ts';

export const cost = workflowOf(
  'Saves cost: approve, read again, stop or schedule what is idle, verify, tell the savings',
  'WaitForChange',
);
