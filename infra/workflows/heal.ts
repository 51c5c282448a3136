import { settle, workflowOf } from './fragments.ts';

/** As long as a round of the same outage takes to be told by the other checks that see it. */
const settleSeconds = 5;

export const heal = workflowOf(
  'Heals a service: gate, restart, wait, verify by the check itself, again with backoff, escalate',
  'WaitForService',
  settle(settleSeconds),
);
