/**
 * Trigger: the API calls it and waits. Promise: what the tester promises, for targets that only the VPC reaches.
 * A duplicate or late call is one more attempt; its answer goes to whoever called.
 */
import { serve } from '../tester/serve.ts';
import { contract } from './contract.ts';

export const handler = serve(contract);
