import * as z from 'zod';
import { defineRoute } from '../platform/api/route.ts';
import { readOwnCost } from './own-cost.ts';

const usd = z.number().nonnegative();

const ownCostSchema = z.strictObject({
  monthToDateUsd: usd,
  projectedMonthUsd: usd.meta({
    description: 'The resting stack and the checks as they are now, a whole month long.',
  }),
  restingUsd: usd.meta({ description: 'The stack itself, watching nothing.' }),
  checksUsd: z.strictObject({ computeUsd: usd, storageUsd: usd, messagesUsd: usd }),
  looks: z.number().nonnegative().meta({ description: 'A month, as the checks are now.' }),
  syntheticsUsd: usd.meta({ description: 'What CloudWatch Synthetics lists for as many looks.' }),
  basis: z.string().meta({ description: 'What these numbers are made from, and what they leave out.' }),
});

export const readOwnCostRoute = defineRoute({
  id: 'readOwnCost',
  function: 'api',
  method: 'GET',
  path: '/api/v1/monitoring/costs/self',
  scope: 'read',
  summary: 'What Homeostat itself costs a month',
  description:
    'An estimate from list prices and measured slots, not a bill; `basis` says what it leaves out. A token that does not reach all deployments sees the checks of those it reaches.',
  success: { status: 200, schema: ownCostSchema },
  run: async ({ caller }, world) => ({ body: await readOwnCost(world, world.clock(), caller.deployments) }),
});

export const costRoutes = [readOwnCostRoute];
