import { workflowOf } from './fragments.ts';

export const scale = workflowOf(
  'Scales: gate, set the desired count, wait for capacity, verify',
  'WaitForCapacity',
);
