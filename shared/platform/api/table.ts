import { accessRoutes } from '../../access/routes.ts';
import { actRoutes } from '../../act/routes.ts';
import { alertingRoutes } from '../../alerting/routes.ts';
import { auditRoutes } from '../../audit/routes.ts';
import { changeRoutes } from '../../changes/routes.ts';
import { configurationRoutes } from '../../configuration/routes.ts';
import { convergenceRoutes } from '../../convergence/routes.ts';
import { deploymentRoutes } from '../../deployments/routes.ts';
import { expositionRoutes } from '../../exposition/routes.ts';
import { findingRoutes } from '../../findings/routes.ts';
import { healthRoutes } from '../../health/routes.ts';
import { incidentRoutes } from '../../incidents/routes.ts';
import { notificationRoutes } from '../../notifications/routes.ts';
import { policyRoutes } from '../../policies/routes.ts';
import { releaseRoutes } from '../../releases/routes.ts';
import { remediationRoutes } from '../../remediation/routes.ts';
import { scalingRoutes } from '../../scaling/routes.ts';
import { statusPageRoutes } from '../../status-pages/routes.ts';
import { ownRoutes } from './own-routes.ts';
import { type Route, routeKeyOf } from './route.ts';

/**
 * The HTTP API, whole: a line a capability. From it come the routes that `infra` deploys, validation, scopes, paging
 * and preconditions in the one adapter, and the OpenAPI document.
 */
export const routes: readonly Route[] = [
  ...deploymentRoutes,
  ...healthRoutes,
  ...alertingRoutes,
  ...incidentRoutes,
  ...notificationRoutes,
  ...findingRoutes,
  ...policyRoutes,
  ...remediationRoutes,
  ...releaseRoutes,
  ...scalingRoutes,
  ...statusPageRoutes,
  ...expositionRoutes,
  ...actRoutes,
  ...auditRoutes,
  ...changeRoutes,
  ...convergenceRoutes,
  ...configurationRoutes,
  ...accessRoutes,
  ...ownRoutes,
];

for (const facts of [routes.map(routeKeyOf), routes.map((route) => route.id)]) {
  const twice = facts.find((fact, at) => facts.indexOf(fact) !== at);
  if (twice !== undefined) throw new Error(`the route table has ${twice} twice`);
}
