/**
 * Trigger: the API calls it and waits. Promise: one attempt at a definition that is not saved; its status, reason and
 * timings come back, never what the target's answer held, and nothing is written anywhere.
 * A duplicate or late call is one more attempt; its answer goes to whoever called.
 */
import { contract } from './contract.ts';
import { serve } from './serve.ts';

export const handler = serve(contract);
