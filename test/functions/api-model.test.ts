import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const checks = '/api/v1/monitoring/health-checks';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

type Step =
  | { readonly do: 'create'; readonly interval: number; readonly key: string | undefined }
  | { readonly do: 'replace'; readonly interval: number }
  | { readonly do: 'apply'; readonly interval: number }
  | { readonly do: 'remove' }
  | { readonly do: 'withdraw' };

const interval = fc.constantFrom(10, 60);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('create'), interval, key: fc.constantFrom(undefined, 'k1', 'k2') }),
  fc.record({ do: fc.constant('replace'), interval }),
  fc.record({ do: fc.constant('apply'), interval }),
  fc.constant<Step>({ do: 'remove' }),
  fc.constant<Step>({ do: 'withdraw' }),
) as fc.Arbitrary<Step>;

/** What must be true of one check, in the words of the rules: who owns it, what it says, how often it changed. */
type Model = {
  revision: number;
  live: { owner: 'api' | 'file'; interval: number } | undefined;
  request: { key: string; interval: number } | undefined;
};

/** What the step does to the model and must answer: an HTTP status, or an outcome of apply. */
const expected = (model: Model, step: Step): number | string => {
  const { live } = model;
  const become = (next: Model['live'], answer: number | string) => {
    model.live = next;
    model.revision += 1;
    return answer;
  };
  if (step.do === 'create') {
    const same = step.key !== undefined && model.request?.key === step.key;
    if (same && model.request?.interval !== step.interval) return 422;
    if (live) return same ? 201 : 409;
    if (same) return 409;
    model.request = step.key === undefined ? undefined : { key: step.key, interval: step.interval };
    return become({ owner: 'api', interval: step.interval }, 201);
  }
  if (step.do === 'replace') {
    if (!live) return 404;
    if (live.interval === step.interval) return 200;
    return live.owner === 'file' ? 409 : become({ ...live, interval: step.interval }, 200);
  }
  if (step.do === 'remove') {
    if (!live) return 404;
    return live.owner === 'file' ? 409 : become(undefined, 204);
  }
  if (step.do === 'withdraw') {
    if (!live) return 'unchanged';
    return live.owner === 'api' ? 'refused' : become(undefined, 'removed');
  }
  if (!live) {
    model.request = undefined;
    return become({ owner: 'file', interval: step.interval }, 'created');
  }
  if (live.interval === step.interval) return 'unchanged';
  return live.owner === 'api' ? 'refused' : become({ ...live, interval: step.interval }, 'updated');
};

const apply = async (change: object) => {
  const answered = await call('POST', '/api/v1/monitoring/apply', { body: { changes: [change] } });
  return (answered.json.outcomes as unknown as { outcome: string }[])[0]?.outcome;
};

const perform = async (step: Step, name: string, id: string): Promise<number | string | undefined> => {
  const definition = { type: 'tcp', target: 'db.example.com:5432' };
  switch (step.do) {
    case 'create': {
      const headers: Record<string, string> =
        step.key === undefined ? {} : { 'idempotency-key': `${name} ${step.key}` };
      return (await call('POST', checks, { body: { ...definition, name, interval: step.interval }, headers }))
        .status;
    }
    case 'replace':
      return (await call('PUT', `${checks}/${id}`, { body: { ...definition, interval: step.interval } }))
        .status;
    case 'remove':
      return (await call('DELETE', `${checks}/${id}`)).status;
    case 'withdraw':
      return apply({ op: 'remove', kind: 'check', name });
    case 'apply':
      return apply({
        op: 'put',
        kind: 'check',
        definition: { ...definition, name, interval: step.interval },
      });
  }
};

/** The id of a name, asked of the API by a dry run that writes nothing. */
const idOf = async (name: string): Promise<string> => {
  const change = {
    op: 'put',
    kind: 'check',
    definition: { name, type: 'tcp', target: 'db.example.com:5432' },
  };
  const answered = await call('POST', '/api/v1/monitoring/apply', {
    body: { dryRun: true, changes: [change] },
  });
  return (answered.json.outcomes as unknown as { id: string }[])[0]?.id ?? '';
};

describe('one check through any history of requests', () => {
  let runs = 0;
  it('answers by the rules, grows its revision with each change and only then, and tells each change once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const name = `history ${++runs}`;
        const id = await idOf(name);
        const model: Model = { revision: 0, live: undefined, request: undefined };
        cloud.arrived.length = 0;
        for (const one of steps) {
          const wanted = expected(model, one);
          expect(await perform(one, name, id), JSON.stringify(one)).toBe(wanted);
          const read = await call('GET', `${checks}/${id}`);
          if (model.live) {
            expect(read.json).toMatchObject({
              revision: model.revision,
              interval: model.live.interval,
              managedBy: model.live.owner,
            });
          } else expect(read.status).toBe(404);
        }
        expect(cloud.arrived.map(({ detail }) => detail.id)).toEqual(
          Array.from({ length: model.revision }, (_, at) => [
            `check:${id}@${at + 1}`,
            `audit:check:${id}@${at + 1}`,
          ]).flat(),
        );
      }),
      { numRuns: 40 },
    );
  });
});
