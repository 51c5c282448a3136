import * as z from 'zod';
import { type Reach, reaches } from '../platform/api/caller.ts';
import type { ApiWorld } from '../platform/api/route.ts';
import { planHashSchema } from './model.ts';
import type { Remediation } from './remediation.ts';
import { noRemediation, readRemediation } from './store.ts';
import type { WishWorld } from './wish.ts';

/** What the routes of remediation share. */

export const remediationsPath = '/api/v1/monitoring/remediations';
export const plansPath = '/api/v1/monitoring/plans';
export const stopPath = '/api/v1/monitoring/remediation/stop';

export const withRemediationId = z.strictObject({ id: planHashSchema });
export const withPlanHash = z.strictObject({ hash: planHashSchema });

/** The remediation within reach. Throws NOT_FOUND alike for what is not there and what is out of reach. */
export const requireRemediation = async (
  state: Pick<ApiWorld['state'], 'get'>,
  id: string,
  reach: Reach,
): Promise<Remediation> => {
  const remediation = await readRemediation(state, id);
  if (!remediation || !reaches(reach, remediation.plan.deploymentId)) throw noRemediation();
  return remediation;
};

/** What the verbs need, from what a route has. */
export const remedyWorldOf = (world: ApiWorld): WishWorld => {
  const { state, bus, planner, workflows, clock, newId, place, log } = world;
  const onTrouble = (what: string, error: Error) => log.warn(what, { error });
  return { state, bus, planner, workflows, clock, newId, place, onTrouble };
};
