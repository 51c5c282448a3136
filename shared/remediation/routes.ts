import { explainRoute } from './explain-routes.ts';
import { recordRoutes } from './remediation-routes.ts';
import { stopRoutes } from './stop-routes.ts';
import { wishRoutes } from './wish-routes.ts';

/** Everything the API says and takes of remedies. */
export const remediationRoutes = [...wishRoutes, ...recordRoutes, ...stopRoutes, explainRoute];
