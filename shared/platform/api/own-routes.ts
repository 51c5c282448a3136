import * as z from 'zod';
import { DomainError } from '../errors.ts';
import { eventSchemaDocument } from '../event-schemas.ts';
import { openApiDocument } from './openapi.ts';
import { type ApiWorld, defineRoute, type PageRoute, type Route } from './route.ts';

/** Routes that no capability owns: whether Homeostat itself is well, the description of the API, and the way to the console. */

const wellSchema = z.strictObject({ status: z.literal('healthy') });
const well = { body: { status: 'healthy' } };

const healthFacts = {
  function: 'api',
  method: 'GET',
  scope: 'public',
  success: { status: 200, schema: wellSchema },
} as const;

export const liveRoute = defineRoute({
  ...healthFacts,
  id: 'readLiveness',
  path: '/api/v1/monitoring/health/live',
  summary: 'Whether Homeostat answers',
  description: 'Needs no token and tells no details.',
  run: async () => well,
});

/** Both tables answer. Nobody learns here which did not: that stands in the log. */
const requireTables = async ({ state, telemetry, log }: ApiWorld) => {
  try {
    const nothing = { pk: 'READY', sk: 'READY' };
    await Promise.all([state.get(nothing), telemetry.batchGet([nothing])]);
    return well;
  } catch (error) {
    log.error('a table cannot be read', { error: error as Error });
    throw new DomainError(
      'COLLECTION_ERROR',
      'Homeostat cannot read its own records just now. Try again in a moment.',
    );
  }
};

export const readyRoute = defineRoute({
  ...healthFacts,
  id: 'readReadiness',
  path: '/api/v1/monitoring/health/ready',
  summary: 'Whether Homeostat can do its work',
  description: 'Its records can be read. Needs no token and tells no details.',
  errors: ['COLLECTION_ERROR'],
  run: (_request, world) => requireTables(world),
});

export const selfHealthRoute = defineRoute({
  ...healthFacts,
  id: 'readHealth',
  path: '/api/v1/monitoring/health',
  summary: 'How Homeostat itself is',
  description: 'In one word. Needs no token and tells no details.',
  errors: ['COLLECTION_ERROR'],
  run: (_request, world) => requireTables(world),
});

/** Made once: the table does not change while a function runs. */
const documents = new WeakMap<readonly Route[], Readonly<Record<string, unknown>>>();
const documentOf = (routes: readonly Route[]): Readonly<Record<string, unknown>> => {
  const document = documents.get(routes) ?? openApiDocument(routes);
  documents.set(routes, document);
  return document;
};

/** Public: it says nothing that this software's own source does not say. */
const documentFacts = {
  function: 'api',
  method: 'GET',
  scope: 'public',
  summary: 'This description of the API',
  description:
    'OpenAPI 3.1, made from the same table that serves and validates the routes. /docs shows it to people.',
  success: { status: 200, schema: z.record(z.string(), z.unknown()) },
  run: async (_request: unknown, world: ApiWorld) => ({ body: documentOf(world.routes) }),
} as const;

export const openApiRoute = defineRoute({
  ...documentFacts,
  id: 'readOpenApi',
  path: '/api/v1/monitoring/openapi.json',
});
export const openApiShortRoute = defineRoute({
  ...documentFacts,
  id: 'readOpenApiShort',
  path: '/openapi.json',
});

export const consoleRoute: PageRoute = {
  id: 'findConsole',
  function: 'page',
  method: 'GET',
  path: '/',
  scope: 'public',
  summary: 'The way to the console',
  description: 'Sends the browser to where the console answers.',
  success: { status: 302 },
};

export const docsPageRoute: PageRoute = {
  id: 'showDocs',
  function: 'page',
  method: 'GET',
  path: '/docs',
  scope: 'public',
  summary: 'This API, for people',
  description:
    'HTML that shows /openapi.json: each route with its parameters, schemas, errors and a curl line.',
  success: { status: 200, contentType: 'text/html; charset=utf-8' },
};

let events: unknown;
export const eventSchemasRoute = defineRoute({
  id: 'readEventSchemas',
  function: 'api',
  method: 'GET',
  path: '/event-schemas.json',
  scope: 'public',
  summary: 'The events on the bus',
  description:
    'JSON Schema of every event that Homeostat publishes: the whole is an event as EventBridge delivers it, `$defs` holds the detail of each detail-type.',
  success: { status: 200, schema: z.record(z.string(), z.unknown()), contentType: 'application/schema+json' },
  run: async () => {
    events ??= eventSchemaDocument();
    return { body: events };
  },
});

export const ownRoutes = [
  selfHealthRoute,
  liveRoute,
  readyRoute,
  openApiRoute,
  openApiShortRoute,
  eventSchemasRoute,
  consoleRoute,
  docsPageRoute,
];
