import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../shared/platform/api/openapi.ts';
import { routes } from '../../../shared/platform/api/table.ts';
import { bodySchemaOf } from '../../../web/client/schemas.ts';
import { arranged } from '../../../web/components/schema-form/arrange.ts';
import { faultsAt, faultsBeside, faultText } from '../../../web/components/schema-form/faults.ts';
import { fieldOf, labelOf } from '../../../web/components/schema-form/field.ts';
import type { JsonSchema, RootSchema } from '../../../web/components/schema-form/schema.ts';
import {
  durationText,
  meaningOf,
  placeholderOf,
  rangeText,
  textOf,
} from '../../../web/components/schema-form/text.ts';
import {
  bodyFrom,
  ofWay,
  startOf,
  switched,
  wayOf,
  withMember,
  withoutDefaults,
} from '../../../web/components/schema-form/value.ts';

const string: JsonSchema = { type: 'string' };
const number: JsonSchema = { type: 'number' };
const integer: JsonSchema = { type: 'integer' };
const duration: readonly JsonSchema[] = [
  { type: 'number' },
  { type: 'string', pattern: '^(\\d{1,9})(ms|s|m|h|d)?$' },
];
const group = (properties: Record<string, JsonSchema>, ...required: string[]): JsonSchema => ({
  type: 'object',
  properties,
  required,
});

describe('What a schema is filled in with', () => {
  it.each<[string, JsonSchema, string]>([
    ['a text', string, 'text'],
    ['a number', number, 'text'],
    ['an instant', { type: 'string', format: 'date-time' }, 'instant'],
    [
      'an instant or nothing',
      { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
      'instant',
    ],
    ['one of several texts', { type: 'string', enum: ['a', 'b'] }, 'choice'],
    ['a constant', { type: 'string', const: 'a' }, 'choice'],
    ['constants of two types', { anyOf: [{ enum: ['1.2'] }, { enum: [1.2] }] }, 'choice'],
    ['yes or no', { type: 'boolean' }, 'toggle'],
    ['a text or a number', { anyOf: [integer, string] }, 'text'],
    ['two types in one', { type: ['integer', 'string'] }, 'text'],
    ['some of several texts', { type: 'array', items: { enum: ['mon', 'tue'] } }, 'several'],
    ['a list', { type: 'array', items: string }, 'list'],
    ['names with values', { type: 'object', additionalProperties: string }, 'map'],
    ['an object', group({ a: string }), 'group'],
    ['a text or an object', { anyOf: [string, group({ a: string }, 'a')] }, 'either'],
    ['a text or a list', { anyOf: [string, { type: 'array', items: string }] }, 'either'],
    ['anything', {}, 'json'],
    ['names with anything', { type: 'object', additionalProperties: {} }, 'json'],
    ['a list of no kind', { type: 'array' }, 'json'],
  ])('%s', (_, schema, kind) => {
    expect(fieldOf(schema, {}).kind).toBe(kind);
  });

  it('follows references, and what stands beside one goes before it', () => {
    const root: RootSchema = { components: { schemas: { Name: { type: 'string', description: 'far' } } } };
    expect(fieldOf({ $ref: '#/components/schemas/Name', description: 'near' }, root)).toEqual({
      kind: 'text',
      forms: [{ type: 'string', description: 'near' }],
      isLong: false,
    });
  });

  it('finds a reference that leads to itself to be nothing it has a field for', () => {
    const root: RootSchema = { components: { schemas: { Loop: { $ref: '#/components/schemas/Loop' } } } };
    expect(fieldOf({ $ref: '#/components/schemas/Loop' }, root).kind).toBe('json');
  });

  it('tells the kinds of an object apart by the constant that each has another of', () => {
    const kind = (name: string) => group({ type: { const: name }, target: string }, 'type');
    const field = fieldOf({ oneOf: [kind('http'), kind('tcp')] }, {});
    expect(field.kind === 'either' && [field.discriminator, field.ways.map(({ label }) => label)]).toEqual([
      'type',
      ['http', 'tcp'],
    ]);
  });

  it('names forms without such a constant by what only they must have', () => {
    const field = fieldOf(
      {
        anyOf: [
          group({ at: string, duration: number }, 'at', 'duration'),
          group({ cron: string, duration: number }, 'cron', 'duration'),
          string,
        ],
      },
      {},
    );
    expect(field.kind === 'either' && field.ways.map(({ label }) => label)).toEqual(['At', 'Cron', 'text']);
  });

  it.each([
    ['failureThreshold', 'Failure threshold'],
    ['max_attempts', 'Max attempts'],
    ['verifyTls', 'Verify TLS'],
    ['logoUrl', 'Logo URL'],
    ['isPublic', 'Public'],
    ['deploymentId', 'Deployment ID'],
  ])('calls %s «%s»', (name, label) => {
    expect(labelOf(name)).toBe(label);
  });
});

describe('What is typed, and what it means', () => {
  it.each<[string, readonly JsonSchema[], unknown]>([
    ['', [string], undefined],
    ['30', [number], 30],
    [' 30 ', [number], 30],
    ['3 of 5', [integer, string], '3 of 5'],
    ['3', [integer, string], 3],
    ['30s', duration, '30s'],
    ['200', [string], '200'],
    ['1.', [number], '1.'],
    ['true', [string, { type: 'boolean' }], true],
    ['null', [number, { type: 'null' }], null],
    ['abc', [number], 'abc'],
  ])('%j', (text, forms, value) => {
    expect(meaningOf(text, forms)).toEqual(value);
  });

  it.each<[unknown, readonly JsonSchema[], string]>([
    [undefined, [string], ''],
    [300, duration, '5m'],
    [0.25, duration, '250ms'],
    [300, [number], '300'],
    ['3 of 5', [integer, string], '3 of 5'],
    [null, [string], 'null'],
  ])('shows %j', (value, forms, text) => {
    expect(textOf(value, forms)).toBe(text);
  });

  it.each([
    [0, '0'],
    [10, '10s'],
    [90, '90s'],
    [300, '5m'],
    [7200, '2h'],
    [86_400, '1d'],
    [0.0001, '0.0001'],
  ])('tells %d seconds as %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it('shows what a field is when it is left out, else an example', () => {
    expect(placeholderOf({ default: 5, examples: [7] })).toBe('5');
    expect(placeholderOf({ examples: ['web-shop'] })).toBe('e.g. web-shop');
    expect(placeholderOf({ default: {} })).toBe(undefined);
  });

  it('tells the bounds that are worth saying', () => {
    expect([
      rangeText({ minimum: 1, maximum: 20 }),
      rangeText({ minimum: 0 }),
      rangeText({ minimum: 1 }),
      rangeText({ maximum: 9 }),
    ]).toEqual(['1 to 20', undefined, 'at least 1', 'at most 9']);
  });
});

describe('What the API found wrong', () => {
  const faults = [
    { path: 'interval', message: 'Give one of 10s, 30s.' },
    { path: 'config.headers[0]', message: 'first' },
    { path: 'config.headers.X-Team.name', message: 'dotted' },
    { path: 'configuration', message: 'There is no such field here.' },
    { path: '', message: 'too large' },
  ];

  it('stands at its field, with the path from there', () => {
    expect(faultsAt(faults, 'interval')).toEqual([{ path: '', message: 'Give one of 10s, 30s.' }]);
    expect(faultsAt(faults, 'config')).toEqual([
      { path: 'headers[0]', message: 'first' },
      { path: 'headers.X-Team.name', message: 'dotted' },
    ]);
  });

  it('reaches items written with brackets or with a dot, and names with dots in them', () => {
    expect(faultsAt([{ path: '[2].url', message: 'a' }], 2)).toEqual([{ path: 'url', message: 'a' }]);
    expect(faultsAt([{ path: '2.url', message: 'a' }], 2)).toEqual([{ path: 'url', message: 'a' }]);
    expect(faultsAt([{ path: '[12]', message: 'a' }], 1)).toEqual([]);
    expect(faultsAt([{ path: 'X-Team.name', message: 'a' }], 'X-Team.name')).toEqual([
      { path: '', message: 'a' },
    ]);
  });

  it('is told at the top where no field takes it: none is lost', () => {
    expect(faultsBeside(faults, ['interval', 'config']).map(({ message }) => message)).toEqual([
      'There is no such field here.',
      'too large',
    ]);
  });

  it('is one text, each sentence once, with the path of what lies deeper', () => {
    expect(
      faultText([
        { path: '', message: 'Give it.' },
        { path: '', message: 'Give it.' },
        { path: 'a[0]', message: 'Shorter.' },
      ]),
    ).toBe('Give it. a[0]: Shorter.');
    expect(faultText([])).toBe(undefined);
  });
});

describe('What is in sight at once', () => {
  const members = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({
    name,
    schema: string,
    isRequired: name === 'e',
  }));
  const names = (order: string[], left: string[] = [], path = '') => {
    const { first, more } = arranged(members, path, { order, left });
    return [first, more].map((all) => all.map(({ name }) => name).join(''));
  };

  it('is what is used most, in that order, then what is required', () => {
    expect(names(['c', 'a'])).toEqual(['cae', 'bdf']);
  });
  it('is what is required, where nothing is said', () => {
    expect(names([])).toEqual(['e', 'abcdf']);
  });
  it('goes by paths inside an object', () => {
    expect(names(['config.b'], [], 'config')).toEqual(['be', 'acdf']);
  });
  it('is never what is left out', () => {
    expect(names(['c', 'a'], ['a', 'f'])).toEqual(['ce', 'bd']);
  });
  it('is all of a small group, and no single field is folded', () => {
    expect(names([], ['a', 'b'])).toEqual(['ecdf', '']);
    expect(names(['a', 'b', 'c', 'd'])).toEqual(['abcdef', '']);
  });
});

describe('A body while it is filled in', () => {
  const http = group(
    { type: { const: 'http' }, name: string, target: { type: 'string', maxLength: 9 } },
    'type',
  );
  const tcp = group({ type: { const: 'tcp' }, name: string, target: string }, 'type');
  const field = fieldOf({ oneOf: [http, tcp] }, {});
  if (field.kind !== 'either') throw new Error('two kinds are a choice');
  const [toHttp, toTcp] = field.ways;
  if (!toHttp || !toTcp) throw new Error('two kinds are two ways');

  it('leaves out what is emptied', () => {
    expect(withMember({ a: 1, b: 2 }, 'a', undefined)).toEqual({ b: 2 });
    expect(withMember({ a: 1 }, 'b', 2)).toEqual({ a: 1, b: 2 });
  });

  it('keeps what both kinds have when another is chosen, and gives back what the other had', () => {
    const typed = { type: 'http', name: 'home', target: 'http://a' };
    const other = switched(typed, toHttp, toTcp, { root: {} });
    expect(other).toEqual({ type: 'tcp', name: 'home' });
    const renamed = { ...(other as object), name: 'port' };
    expect(switched(renamed, toTcp, toHttp, { before: typed, root: {} })).toEqual({
      type: 'http',
      name: 'port',
      target: 'http://a',
    });
  });

  it.each<[string, unknown, number]>([
    ['its constant', { type: 'tcp' }, 1],
    ['nothing yet', undefined, 0],
    ['an unknown constant', { type: 'smtp' }, 0],
  ])('knows the kind by %s', (_, value, way) => {
    expect(wayOf(value, field, {})).toBe(way);
  });

  it('knows a form without constants by its type and by what it must have', () => {
    const forms = fieldOf(
      { anyOf: [string, group({ at: string }, 'at'), group({ cron: string }, 'cron')] },
      {},
    );
    if (forms.kind !== 'either') throw new Error('three forms are a choice');
    expect([wayOf('x', forms, {}), wayOf({ cron: '* *' }, forms, {}), wayOf({ at: '' }, forms, {})]).toEqual([
      0, 2, 1,
    ]);
  });

  it('begins with plain text where a row may be that, also when another form is named first', () => {
    const forms = fieldOf({ anyOf: [group({ all: { type: 'array', items: string } }, 'all'), string] }, {});
    if (forms.kind !== 'either') throw new Error('two forms are a choice');
    expect([wayOf(undefined, forms, {}), wayOf({ all: [] }, forms, {})]).toEqual([1, 0]);
  });

  it('sends the kind that is shown as chosen, though nobody chose it', () => {
    const smtp = group({ transport: { const: 'smtp' }, host: string }, 'transport', 'host');
    const ses = group({ transport: { const: 'ses' }, from: string }, 'transport', 'from');
    const config = { default: {}, oneOf: [ses, smtp] };
    expect(startOf(group({ type: { const: 'email' }, config }, 'type'), {})).toEqual({
      type: 'email',
      config: { transport: 'ses' },
    });
    expect(ofWay({ host: 'mail' }, { label: 'smtp', schema: smtp }, 'transport')).toEqual({
      host: 'mail',
      transport: 'smtp',
    });
  });

  it('begins with what must be there and can be nothing else', () => {
    expect(
      startOf(
        group({ type: { const: 'a' }, list: { type: 'array', items: string }, b: string }, 'type', 'list'),
        {},
      ),
    ).toEqual({ type: 'a', list: [] });
  });

  it('takes of an answer only what the body takes', () => {
    const root: RootSchema = { oneOf: [http, tcp] };
    expect(
      bodyFrom(root, { type: 'tcp', name: 'port', target: 'a:1', id: '1', revision: 3, status: 'healthy' }),
    ).toEqual({ type: 'tcp', name: 'port', target: 'a:1' });
    expect(bodyFrom(group({ a: string, b: string }), { a: null, b: 'x' })).toEqual({ b: 'x' });
  });

  it('is written without what the schema says it is anyway', () => {
    const inner = group({ method: { type: 'string', default: 'GET' }, tls: { type: 'boolean' } });
    const root: RootSchema = group(
      { name: string, tags: { type: 'object', default: {} }, config: { ...inner, default: {} } },
      'name',
    );
    expect(withoutDefaults(root, root, { name: 'a', tags: {}, config: { method: 'GET' } })).toEqual({
      name: 'a',
    });
    expect(
      withoutDefaults(root, root, { name: 'a', tags: { b: 'c' }, config: { method: 'PUT', tls: false } }),
    ).toEqual({
      name: 'a',
      tags: { b: 'c' },
      config: { method: 'PUT', tls: false },
    });
  });
});

describe("The forms of the API's own bodies", () => {
  const document = JSON.parse(JSON.stringify(openApiDocument(routes)));
  const seen = (schema: JsonSchema, root: RootSchema, path: string, found: Set<string>, depth = 0): void => {
    const field = fieldOf(schema, root);
    if (field.kind === 'json') found.add(path);
    if (depth > 8) return;
    if (field.kind === 'group')
      for (const { name, schema: inner } of field.members)
        seen(inner, root, `${path}.${name}`, found, depth + 1);
    if (field.kind === 'list') seen(field.item, root, path, found, depth + 1);
    if (field.kind === 'map') seen(field.value, root, path, found, depth + 1);
    if (field.kind === 'either') for (const way of field.ways) seen(way.schema, root, path, found, depth + 1);
  };

  it.each([
    'createCheck',
    'replaceCheck',
    'createRule',
    'createChannel',
    'createPolicy',
    'createMaintenance',
    'createStatusPage',
    'replaceAlerting',
  ] as const)('%s needs no JSON anywhere', (id) => {
    const root = bodySchemaOf(document, id) as RootSchema;
    const asJson = new Set<string>();
    seen(root, root, id, asJson);
    expect([...asJson]).toEqual([]);
  });

  it('offers each kind of check', () => {
    const root = bodySchemaOf(document, 'createCheck') as RootSchema;
    const field = fieldOf(root, root);
    expect(field.kind === 'either' && field.ways.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['http', 'tcp', 'tls', 'dns', 'heartbeat', 'composite']),
    );
  });
});
