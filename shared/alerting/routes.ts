import { backtestRoute } from './backtest-route.ts';
import { eventRoutes } from './event-routes.ts';
import { ruleRoutes } from './rule-routes.ts';

/** Everything the API says and takes of rules and of what fired. */
export const alertingRoutes = [...ruleRoutes, backtestRoute, ...eventRoutes];
