import { workflowOf } from './fragments.ts';

export const drift = workflowOf(
  'Fixes drift: approve, read again and give up if the world changed, apply, verify, log',
  'WaitForChange',
);
