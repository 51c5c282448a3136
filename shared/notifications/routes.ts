import { channelRoutes } from './channel-routes.ts';
import { testRoutes } from './test-routes.ts';
import { undeliveredRoutes } from './undelivered-routes.ts';

/** Everything the API says and takes of channels and of what they are told. */
export const notificationRoutes = [...channelRoutes, ...testRoutes, ...undeliveredRoutes];
