import * as z from 'zod';
import { type ErrorCode, errorCodes } from '../errors.ts';
import { scopes } from './caller.ts';
import { type ApiRoute, pathParametersOf, type Route } from './route.ts';

type Json = { readonly [name: string]: unknown };

/** Any of these can answer on the routes concerned, so no route lists them itself. */
const sharedErrors = (route: Route): readonly ErrorCode[] => [
  'MALFORMED_REQUEST',
  // COLLECTION_ERROR: whether the token is valid could not be read.
  ...(route.scope === 'public' ? [] : (['UNAUTHENTICATED', 'FORBIDDEN', 'COLLECTION_ERROR'] as const)),
  ...('body' in route && route.body ? (['CONTENT_TOO_LARGE', 'VALIDATION_ERROR'] as const) : []),
  ...('query' in route && route.query ? (['VALIDATION_ERROR'] as const) : []),
  ...(takesIfMatch(route) ? (['PRECONDITION_FAILED'] as const) : []),
  'RATE_LIMITED',
  'INTERNAL_ERROR',
];

const takesIfMatch = (route: Route): boolean =>
  route.etag === true && (route.method === 'PUT' || route.method === 'DELETE');

/** What a format or the type says already: a page of pattern behind each instant helps nobody. */
const leaner = ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: leaner,
  });
  return json;
};

/** OpenAPI 3.1 (whose schemas are JSON Schema 2020-12) of a route table. */
export const openApiDocument = (routes: readonly Route[]): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = operationOf(route);
    paths[route.path] = path;
  }
  return withSharedSchemas({
    openapi: '3.1.0',
    info: {
      title: 'Homeostat',
      version: '1',
      description:
        'Watches what a team runs and puts it right again. Errors are problem+json (RFC 9457) with a code of a closed set.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: groups.map(([name]) => ({ name })),
    paths,
    components: {
      schemas: { Problem: problemSchema },
      responses: sharedRefusals(routes),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: `A token made at POST /api/v1/monitoring/tokens, or the first one. Scopes: ${scopes.join(', ')}; none contains another.`,
        },
      },
    },
  });
};

/** A schema with a name of its own (`id` among its facts) stands once, among the components. */
const withSharedSchemas = (document: Json): Json => {
  const shared: Record<string, unknown> = {};
  const hoisted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoisted);
    if (value === null || typeof value !== 'object') return value;
    const { $defs = {}, ...rest } = value as { readonly $defs?: Json };
    for (const [name, schema] of Object.entries($defs)) {
      const moved = hoisted(schema);
      if (name in shared && JSON.stringify(shared[name]) !== JSON.stringify(moved))
        throw new Error(`two schemas have the name ${name}`);
      shared[name] = moved;
    }
    return Object.fromEntries(
      Object.entries(rest).map(([name, held]) => [
        name,
        name === '$ref' && typeof held === 'string'
          ? held.replace('#/$defs/', '#/components/schemas/')
          : hoisted(held),
      ]),
    );
  };
  const whole = hoisted(document) as Json & { readonly components: Json & { readonly schemas: Json } };
  return {
    ...whole,
    components: { ...whole.components, schemas: { ...whole.components.schemas, ...shared } },
  };
};

/** What readers find together; the first that fits. */
const groups: readonly (readonly [string, RegExp])[] = [
  ['Checks', /\/health-checks/],
  ['Alerts', /\/alerts\b/],
  ['Incidents', /\/(incidents|act)\b/],
  ['Status pages', /\/status(-pages)?\b/],
  ['Silences and maintenance', /\/(silences|maintenance)\b/],
  ['Channels', /\/(channels|notifications|alerting)\b/],
  ['Findings', /\/findings\b/],
  ['Policies', /\/policies\b/],
  ['Remediation', /\/(remediate|remediations?|plans)\b/],
  ['Audit', /\/audit$/],
  ['Deployments', /\/(deployments|register)\b/],
  ['All at once', /\/(overview|metrics|changes)$/],
  ['Configuration as code', /\/apply$|homeostat\.schema/],
  ['Tokens', /\/tokens/],
  ['Homeostat itself', /./],
];

const groupOf = (path: string): string => groups.find(([, fits]) => fits.test(path))?.[0] ?? '';

const operationOf = (route: Route): Json => {
  const described = route.function === 'api' ? route : undefined;
  return {
    operationId: route.id,
    tags: [groupOf(route.path)],
    summary: route.summary,
    description: [route.description, ...neededOf(route)].join('\n\n'),
    // OpenAPI 3.1 lets any scheme name the roles it needs.
    security: route.scope === 'public' ? [] : [{ token: route.scope === 'any' ? [] : [route.scope] }],
    parameters: [
      ...pathParameters(route),
      ...(described ? queryParameters(described) : []),
      ...headerParameters(route),
    ],
    ...(described?.body && {
      requestBody: {
        required: described.optionalBody !== true,
        content: {
          [described.form ? 'application/x-www-form-urlencoded' : 'application/json']: {
            schema: schemaOf(described.body, 'input'),
          },
        },
      },
    }),
    responses: { ...successResponses(route), ...errorResponses(route) },
  };
};

const neededOf = ({ scope }: Route): readonly string[] => {
  if (scope === 'public') return [];
  return [scope === 'any' ? 'Takes any valid token, whatever its scopes.' : `Needs the scope \`${scope}\`.`];
};

const pathParameters = (route: Route): Json[] => {
  const properties = propertiesOf('params' in route ? route.params : undefined);
  return pathParametersOf(route.path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: properties[name] ?? { type: 'string' },
  }));
};

const queryParameters = (route: ApiRoute): Json[] =>
  Object.entries(propertiesOf(route.query)).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema,
  }));

const propertiesOf = (schema: z.ZodType | undefined): Record<string, Json> =>
  schema ? ((schemaOf(schema, 'input').properties ?? {}) as Record<string, Json>) : {};

const headerParameters = (route: Route): Json[] => [
  ...(route.idempotent
    ? [
        headerOf(
          'Idempotency-Key',
          'The same key repeats the same request instead of making a second thing. 1 to 100 printable characters.',
        ),
      ]
    : []),
  ...(takesIfMatch(route)
    ? [
        headerOf(
          'If-Match',
          'The ETag as it was read (or several, or `*`): refused with 412 when it has changed since.',
        ),
      ]
    : []),
  ...('signedBy' in route && route.signedBy
    ? [headerOf('X-Homeostat-Signature', 'In place of a token: who signed the body, and when.')]
    : []),
];

const headerOf = (name: string, description: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

const successResponses = (route: Route): Record<string, Json> => {
  const { status, repeated, schema, contentType = 'application/json' } = route.success;
  const answered: Json = {
    description: route.summary,
    headers: {
      'X-Request-Id': { description: 'Names this request in the log.', schema: { type: 'string' } },
      ...(route.etag &&
        status !== 204 && { ETag: { description: 'The revision.', schema: { type: 'string' } } }),
    },
    ...(status !== 204 && {
      content: { [contentType]: { schema: schema ? schemaOf(schema, 'output') : { type: 'string' } } },
    }),
  };
  const location = { Location: { description: 'Path of what was made.', schema: { type: 'string' } } };
  const made =
    status === 201 || status === 202
      ? { ...answered, headers: { ...(answered.headers as Json), ...location } }
      : answered;
  return { [status]: made, ...(repeated && { [repeated]: answered }) };
};

/** The codes that a route may refuse with, by status. */
const refusalsOf = (route: Route): readonly (readonly [status: string, codes: readonly ErrorCode[]])[] => {
  const codes = [...new Set([...sharedErrors(route), ...(route.errors ?? [])])];
  return Object.entries(Object.groupBy(codes, (code) => String(errorCodes[code].status))).map(
    ([status, members = []]) => [status, members],
  );
};

/** Refusals are the same on many routes: each stands once, among the components. */
const refusalName = (codes: readonly ErrorCode[]): string => codes.join('.');

const errorResponses = (route: Route): Record<string, Json> =>
  Object.fromEntries(
    refusalsOf(route).map(([status, codes]) => [
      status,
      { $ref: `#/components/responses/${refusalName(codes)}` },
    ]),
  );

const sharedRefusals = (routes: readonly Route[]): Record<string, Json> =>
  Object.fromEntries(
    routes.flatMap(refusalsOf).map(([, codes]) => [
      refusalName(codes),
      {
        description: codes.map((code) => `${code}: ${errorCodes[code].title}`).join('. '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457. `detail` and the messages say what to do.',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(errorCodes) },
    instance: { type: 'string', description: 'Names this one refusal; look for it in the log.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};
