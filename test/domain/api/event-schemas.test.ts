import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import { eventSchemaDocument, eventSchemas } from '../../../shared/platform/event-schemas.ts';
import type { EventDetails, EventType } from '../../../shared/platform/events.ts';

type Schemas = typeof eventSchemas;
/** An intersection as the one object it is. */
type Flat<T> = { [K in keyof T]: T[K] };

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const accepts = ajv.compile(eventSchemaDocument());

/** As EventBridge delivers it. */
const delivered = (type: string, detail: object) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': type,
  source: 'homeostat',
  account: '123456789012',
  time: '2026-01-31T12:00:20Z',
  region: 'eu-central-1',
  resources: [],
  detail,
});

const turned = {
  id: 'check:8f0e1a2b3c4d5e6f7a8b9c0d@1769860820000',
  at: '2026-01-31T12:00:20.000Z',
  accountId: '123456789012',
  region: 'eu-central-1',
  checkId: '8f0e1a2b3c4d5e6f7a8b9c0d',
  deploymentId: 'shop',
  name: 'home page',
  type: 'http',
  target: 'https://shop.example.com/',
  from: 'healthy',
  to: 'unhealthy',
  reason: '[STATUS] in 200..299: it is 503',
  responseTimeMs: 31,
  tags: { team: 'web' },
};

describe('the published schemas of events', () => {
  it('say of every event exactly what its type says', () => {
    expectTypeOf<keyof Schemas>().toEqualTypeOf<EventType>();
    expectTypeOf<{ [T in EventType]: Flat<z.output<Schemas[T]>> }>().toEqualTypeOf<{
      [T in EventType]: Flat<EventDetails[T]>;
    }>();
    expect(Object.keys(eventSchemas)).toHaveLength(17);
  });

  it('accept an event as the bus delivers it, and no other detail under its name', () => {
    expect(accepts(delivered('check.status_changed', turned)), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts(delivered('check.status_changed', { ...turned, more: 'with a later version' }))).toBe(
      true,
    );
    expect(accepts(delivered('check.status_changed', { ...turned, to: 'fine' }))).toBe(false);
    const { reason: _reason, ...unexplained } = turned;
    expect(accepts(delivered('check.status_changed', unexplained))).toBe(false);
    expect(accepts(delivered('check.changed', turned))).toBe(false);
    expect(accepts({ ...delivered('check.status_changed', turned), source: 'aws.health' })).toBe(false);
  });
});
