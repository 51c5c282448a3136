import { actingRoutes } from './acting-routes.ts';
import { maintenanceRoutes } from './maintenance-routes.ts';
import { readingRoutes } from './reading-routes.ts';
import { reportRoutes } from './report-routes.ts';
import { settingsRoutes } from './settings-routes.ts';
import { silenceRoutes } from './silence-routes.ts';

/** Everything the API says and takes of incidents, silences, maintenance and the alerting settings. */
export const incidentRoutes = [
  ...readingRoutes,
  ...reportRoutes,
  ...actingRoutes,
  ...silenceRoutes,
  ...maintenanceRoutes,
  ...settingsRoutes,
];
