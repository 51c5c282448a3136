import { openApiDocument } from '../../shared/platform/api/openapi.ts';
import type { Route } from '../../shared/platform/api/route.ts';

type Json = { readonly [name: string]: unknown };
type Operation = {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema: Json;
  }[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: Json }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Json }>> }>
  >;
};

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const nameOf = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key));
const union = (types: readonly string[]): string => {
  const different = [...new Set(types)];
  return different.length > 1 ? `(${different.join(' | ')})` : (different[0] ?? 'never');
};

/** A JSON Schema (2020-12, as zod writes it) as a TypeScript type; what it cannot say becomes `unknown`. */
const typeOf = (schema: unknown): string => {
  if (!isObject(schema)) return 'unknown';
  if (typeof schema.$ref === 'string') return `Schemas[${JSON.stringify(schema.$ref.split('/').at(-1))}]`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return union(schema.enum.map((value) => JSON.stringify(value)));
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return union(choices.map(typeOf));
  if (Array.isArray(schema.allOf)) return intersectionOf(schema, schema.allOf);
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type })));
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return Array.isArray(schema.prefixItems)
        ? `readonly [${schema.prefixItems.map(typeOf).join(', ')}]`
        : `readonly ${typeOf(schema.items)}[]`;
    case 'object':
      return objectOf(schema);
    default:
      return 'unknown';
  }
};

/** Patterns and limits of a string stand under allOf and say nothing about its type. */
const intersectionOf = ({ allOf: _, ...own }: Json, parts: readonly unknown[]): string => {
  const types = [own, ...parts].map(typeOf).filter((type) => type !== 'unknown');
  return types.length > 1 ? `(${[...new Set(types)].join(' & ')})` : (types[0] ?? 'unknown');
};

const objectOf = ({ properties, required, additionalProperties }: Json): string => {
  const needed = new Set(Array.isArray(required) ? required : []);
  const fields = Object.entries(isObject(properties) ? properties : {}).map(
    ([key, schema]) => `readonly ${nameOf(key)}${needed.has(key) ? '' : '?'}: ${typeOf(schema)}`,
  );
  if (fields.length > 0) return `{ ${fields.join('; ')} }`;
  return isObject(additionalProperties)
    ? `Readonly<Record<string, ${typeOf(additionalProperties)}>>`
    : 'Readonly<Record<string, unknown>>';
};

const parametersOf = ({ parameters = [] }: Operation, place: string): string => {
  const fields = parameters
    .filter((parameter) => parameter.in === place)
    .map(({ name, required, schema }) => `readonly ${nameOf(name)}${required ? '' : '?'}: ${typeOf(schema)}`);
  return fields.length > 0 ? `{ ${fields.join('; ')} }` : 'undefined';
};

const bodyOf = ({ requestBody }: Operation): string => {
  const schema = requestBody?.content['application/json']?.schema;
  if (!schema) return 'undefined';
  return requestBody?.required === false ? union([typeOf(schema), 'undefined']) : typeOf(schema);
};

const answerOf = ({ responses }: Operation): string => {
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const types = good.map(([, { content }]) => {
    if (!content) return 'undefined';
    const json = content['application/json'];
    return json ? typeOf(json.schema) : 'string';
  });
  return union(types);
};

const opening = `// Made from the route table by \`npm run generate\`; a test says whether it is current. Do not edit.

`;

/** The source of the console's typed client: what each operation is, takes and answers. */
export const clientSource = (routes: readonly Route[]): string => {
  const document = openApiDocument(routes) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, Json>> };
  };
  const operations = new Map(
    Object.values(document.paths)
      .flatMap((path) => Object.values(path))
      .map((operation) => [operation.operationId, operation] as const),
  );
  const ofApi = routes
    .filter((route) => route.function === 'api')
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  const facts = ofApi.map(
    ({ id, method, path, scope }) => `  ${id}: { method: '${method}', path: '${path}', scope: '${scope}' },`,
  );
  const types = ofApi.map(({ id }) => {
    const operation = operations.get(id);
    if (!operation) throw new Error(`the OpenAPI document lacks ${id}`);
    return `  ${id}: { params: ${parametersOf(operation, 'path')}; query: ${parametersOf(operation, 'query')}; body: ${bodyOf(operation)}; answer: ${answerOf(operation)} };`;
  });
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `  ${nameOf(name)}: ${typeOf(schema)};`,
  );
  return [
    `${opening}export const operations = {`,
    ...facts,
    '} as const;',
    '',
    'export type Schemas = {',
    ...schemas,
    '};',
    '',
    'export type Operations = {',
    ...types,
    '};',
    '',
  ].join('\n');
};
