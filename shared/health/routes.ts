import { costRoutes } from './cost-routes.ts';
import { definitionRoutes } from './definition-routes.ts';

import { historyRoutes } from './history-routes.ts';
import { operatingRoutes } from './operating-routes.ts';
import { readingRoutes } from './reading-routes.ts';
import { trialRoutes } from './trial-routes.ts';
import { uptimeRoutes } from './uptime-routes.ts';

/** Everything the API says and takes of checks. */
export const healthRoutes = [
  ...definitionRoutes,
  ...readingRoutes,
  ...uptimeRoutes,
  ...historyRoutes,
  ...costRoutes,
  ...operatingRoutes,
  ...trialRoutes,
];
