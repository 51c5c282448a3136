import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../shared/platform/api/openapi.ts';
import { routes } from '../../../shared/platform/api/table.ts';

type Operation = {
  operationId: string;
  description: string;
  security: Record<string, string[]>[];
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: { 'application/json': { schema: object } } };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: object }> }>;
};
const document = JSON.parse(JSON.stringify(openApiDocument(routes))) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; responses: Record<string, { description?: string }> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ title: `${method} ${path}`, path, operation })),
);

/** The parts of the OpenAPI 3.1 specification's own schema that say what an operation must be. */
const operationSchema = {
  type: 'object',
  required: ['operationId', 'summary', 'responses', 'security'],
  properties: {
    parameters: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'in', 'schema'],
        properties: { in: { enum: ['query', 'header', 'path'] }, required: { type: 'boolean' } },
        if: { properties: { in: { const: 'path' } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { properties: { required: { const: true } } },
      },
    },
    responses: {
      type: 'object',
      minProperties: 1,
      patternProperties: {
        '^[1-5]\\d\\d$': { type: 'object', anyOf: [{ required: ['description'] }, { required: ['$ref'] }] },
      },
      additionalProperties: false,
    },
  },
};

describe('the OpenAPI document', () => {
  it('is 3.1 and describes every route once', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(operations.map(({ title }) => title).sort()).toEqual(
      routes.map(({ method, path }) => `${method.toLowerCase()} ${path}`).sort(),
    );
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  });

  it.each(operations)('$title is an operation as the specification wants it', ({ path, operation }) => {
    const ajv = new Ajv2020({ strict: false });
    const validate = ajv.compile(operationSchema);
    expect(validate(operation), JSON.stringify(validate.errors)).toBe(true);
    const inPath = operation.parameters
      .filter((parameter) => parameter.in === 'path')
      .map(({ name }) => name);
    expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]));
  });

  it('a route for any valid token needs a token and no scope', () => {
    const own = operations.find(({ path }) => path === '/api/v1/monitoring/tokens/self');
    expect(own?.operation.security).toEqual([{ token: [] }]);
    expect(own?.operation.description).toContain('any valid token');
  });

  it.each(operations.filter(({ operation }) => operation.security.length > 0))(
    '$title says that a token cannot always be checked',
    ({ operation }) => {
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', '503']));
    },
  );

  it.each(['createCheck', 'listChecks', 'registerDeployment'])(
    '%s says that a deployment out of reach is not found',
    (id) => {
      const found = operations.find(({ operation }) => operation.operationId === id);
      expect(Object.keys(found?.operation.responses ?? {})).toContain('404');
    },
  );

  it.each(operations)('every schema of $title is valid JSON Schema 2020-12', ({ operation }) => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'document.json');
    const schemas = [
      ...operation.parameters.map(({ schema }) => schema),
      ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema),
      ...Object.values(operation.responses).flatMap(({ content }) =>
        Object.values(content ?? {}).map(({ schema }) => schema),
      ),
    ];
    expect(schemas.length).toBeGreaterThan(0);
    for (const schema of schemas) {
      const found = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document.json#/')) as object;
      expect(() => ajv.compile(found)).not.toThrow();
    }
  });

  it('each refusal that a route names stands among the components, with every code and what it means', () => {
    const named = operations.flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap(({ $ref }) => $ref ?? []),
    );
    expect(named.length).toBeGreaterThan(operations.length);
    for (const reference of named) {
      const codes = (reference.split('/').at(-1) ?? '').split('.');
      const description = document.components.responses[codes.join('.')]?.description ?? '';
      for (const code of codes) expect(description).toMatch(new RegExp(`${code}: \\w`));
    }
  });

  it('all but the health routes, badges, pages, status pages and what the source says anyway need a token', () => {
    const open = operations
      .filter(({ operation }) => operation.security.length === 0)
      .map(({ path }) => path);
    expect(open.sort()).toEqual([
      '/',
      '/api/v1/monitoring/act/{token}',
      '/api/v1/monitoring/act/{token}',
      '/api/v1/monitoring/health',
      '/api/v1/monitoring/health-checks/{id}/badge.svg',
      '/api/v1/monitoring/health/live',
      '/api/v1/monitoring/health/ready',
      '/api/v1/monitoring/openapi.json',
      '/docs',
      '/event-schemas.json',
      '/homeostat.schema.json',
      '/openapi.json',
      '/status',
      '/status/{slug}',
      '/status/{slug}/badge.svg',
      '/status/{slug}/feed.xml',
      '/status/{slug}/history',
      '/status/{slug}/summary.json',
    ]);
  });

  it('says each large schema once: what checks share stands among the components', () => {
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Problem', 'Check', 'HttpConfig', 'Maintenance', 'FailureThreshold']),
    );
    expect(JSON.stringify(document.paths).includes('"$defs":')).toBe(false);
    expect(JSON.stringify(document).length).toBeLessThan(560_000);
  });

  it('describes what a check may say, so that a client finds its own mistakes', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const body = document.paths['/api/v1/monitoring/health-checks']?.post?.requestBody;
    ajv.addSchema(document, 'document.json');
    const schema = JSON.stringify(body?.content['application/json'].schema ?? false);
    const accepts = ajv.compile(JSON.parse(schema.replaceAll('"#/', '"document.json#/')));
    const check = { name: 'shop', type: 'http', target: 'https://shop.example.com/', interval: '30s' };
    expect(accepts(check), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts({ ...check, interval: 60, config: { expectedStatus: [200, '300-308'] } })).toBe(true);
    for (const wrong of [
      { ...check, type: 'icmp' },
      { ...check, extra: 1 },
      { ...check, name: '' },
      { type: 'http' },
      { ...check, failureThreshold: 0 },
      { ...check, conditions: '[STATUS] == 200' },
      { ...check, maintenance: [{ cron: '0 0 * * *' }] },
    ]) {
      expect(accepts(wrong), JSON.stringify(wrong)).toBe(false);
    }
  });
});
