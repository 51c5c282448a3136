/**
 * Trigger: the queue of slots of private checks, one message at a time. Promise, repeats and late deliveries: those
 * of the runner, which this is, placed inside the VPC.
 */
import { serve } from '../runner/serve.ts';
import { contract } from './contract.ts';

export const handler = serve(contract);
