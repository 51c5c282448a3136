import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findingKey } from '../../shared/findings/finding-id.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const findings = '/api/v1/monitoring/findings';
const key = 'k'.repeat(40);

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  for (const deploymentId of ['shop', 'blog']) {
    const made = await call('POST', '/api/monitoring/register', { body: { deploymentId } });
    expect(made.status).toBe(201);
  }
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
  cloud.secretValues.clear();
  cloud.secretValues.set('FINDINGS_KEY', key);
});

const found = (resource: string, over: object = {}) => ({
  kind: 'violation',
  severity: 'error',
  deploymentId: 'shop',
  resource,
  title: 'the bucket is public',
  reason: 'BlockPublicAcls is false',
  ...over,
});
const told = (...all: object[]) => ({ source: 'guard', findings: all });

/** As an engine without a token sends it. */
const sendSigned = (body: object, over: { key?: string; atSeconds?: number; sent?: object } = {}) => {
  const text = JSON.stringify(body);
  const at = over.atSeconds ?? Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', over.key ?? key)
    .update(`${at}.${text}`)
    .digest('hex');
  const headers = { 'content-type': 'application/json', 'x-homeostat-signature': `t=${at},v1=${signature}` };
  return call('POST', findings, { token: null, body: over.sent ?? body, headers });
};

const told1 = async (body: object) => {
  const answer = await call('POST', findings, { body });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return (answer.json.items as unknown as { id: string; outcome: string }[]).map(({ outcome }) => outcome);
};

describe('findings that a team tells', () => {
  it('are kept, shown and told on the bus once', async () => {
    const body = told(
      found('bucket-a', {
        details: { typeName: 'AWS::S3::Bucket', identifier: 'bucket-a' },
        tags: { team: 'web' },
      }),
    );
    const first = await call('POST', findings, { body });
    expect(first.json).toEqual({
      repeated: false,
      items: [{ id: expect.stringMatching(/^[0-9a-f]{32}$/), outcome: 'opened' }],
    });
    expect(await told1(body)).toEqual(['unchanged']);
    const id = (first.json.items as unknown as { id: string }[])[0]?.id ?? '';
    expect(cloud.arrived).toEqual([
      {
        type: 'finding.changed',
        detail: expect.objectContaining({
          id: `finding:${id}@1`,
          findingId: id,
          kind: 'violation',
          state: 'open',
          severity: 'error',
          deploymentId: 'shop',
          resource: 'bucket-a',
          tags: { team: 'web' },
        }),
      },
    ]);
    expect((await call('GET', `${findings}/${id}`)).json).toMatchObject({
      id,
      kind: 'violation',
      state: 'open',
      source: 'guard',
      details: { typeName: 'AWS::S3::Bucket', identifier: 'bucket-a' },
      resolvedAt: null,
    });
  });

  it('are resolved, and open again as another occurrence', async () => {
    expect(await told1(told(found('b')))).toEqual(['opened']);
    expect(await told1(told(found('b', { state: 'resolved', reason: 'it is private' })))).toEqual([
      'resolved',
    ]);
    expect(await told1(told(found('b')))).toEqual(['reopened']);
    expect(cloud.arrived.map(({ type, detail }) => [type, (detail as { state?: string }).state])).toEqual([
      ['finding.changed', 'open'],
      ['finding.changed', 'resolved'],
      ['finding.changed', 'open'],
    ]);
  });

  it('of one delivery are taken in their order; another key or source is another finding', async () => {
    expect(
      await told1(told(found('c'), found('c', { state: 'resolved' }), found('c', { key: 'rule-2' }))),
    ).toEqual(['opened', 'resolved', 'opened']);
    expect(await told1({ source: 'other', findings: [found('c')] })).toEqual(['opened']);
  });

  it('that many tell at once open once, and are told on the bus once', async () => {
    const body = told(found('at once'));
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', findings, { body })));
    const outcomes = answers.map(({ json }) => (json.items as unknown as { outcome: string }[])[0]?.outcome);
    expect(outcomes.sort()).toEqual(['opened', 'unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(cloud.arrived.map(({ type }) => type)).toEqual(['finding.changed']);
  });

  it('are kept although the bus is away: the event waits in the item for the sweeper', async () => {
    cloud.bus = 'down';
    expect(await told1(told(found('bus away')))).toEqual(['opened']);
    cloud.bus = 'open';
    expect(cloud.arrived).toEqual([]);
    const kept = (await call('GET', `${findings}?deploymentId=shop&limit=200`)).json.items as unknown as {
      resource: string;
      id: string;
    }[];
    const id = kept.find(({ resource }) => resource === 'bus away')?.id ?? '';
    const item = await cloud.state.get(findingKey(id));
    expect(item?.outbox).toEqual([
      expect.objectContaining({ detail: expect.objectContaining({ id: `finding:${id}@1` }) }),
    ]);
    expect(item?.due).toMatch(/^DUE#[0-7]$/);
  });

  it('of a deployment that is not registered are refused whole, naming which', async () => {
    const refused = await call('POST', findings, {
      body: told(found('d'), found('d', { deploymentId: 'gone' })),
    });
    expectProblem(refused, 422);
    expect(refused.json.errors).toEqual([expect.objectContaining({ path: 'findings[1].deploymentId' })]);
    expect(cloud.arrived).toEqual([]);
  });

  it('may not say what only Homeostat says, nor call themselves so', async () => {
    for (const kind of ['unhealthy', 'remediation'])
      expectProblem(await call('POST', findings, { body: told(found('e', { kind })) }), 422);
    expectProblem(
      await call('POST', findings, { body: { source: 'homeostat', findings: [found('e')] } }),
      422,
    );
  });

  it('a token tells only of what it reaches', async () => {
    const token = await tokenWith(['ingest'], ['shop']);
    expect((await call('POST', findings, { token, body: told(found('f')) })).status).toBe(200);
    expectProblem(
      await call('POST', findings, { token, body: told(found('f', { deploymentId: 'blog' })) }),
      404,
    );
    expectProblem(
      await call('POST', findings, { token, body: told(found('f', { deploymentId: null })) }),
      403,
    );
    const reader = await tokenWith(['read', 'write', 'operate']);
    expectProblem(await call('POST', findings, { token: reader, body: told(found('f')) }), 403);
  });

  it('a token sees only what it reaches', async () => {
    await told1(told(found('g', { deploymentId: 'blog' }), found('g', { deploymentId: null })));
    const token = await tokenWith(['read'], ['blog']);
    const seen = (await call('GET', findings, { token })).json.items as unknown as {
      id: string;
      deploymentId: string;
    }[];
    expect(seen.map(({ deploymentId }) => deploymentId)).toEqual(['blog']);
    const everything = (await call('GET', `${findings}?limit=200`)).json.items as unknown as {
      id: string;
      deploymentId: string | null;
    }[];
    const none = everything.find(({ deploymentId }) => deploymentId === null);
    expectProblem(await call('GET', `${findings}/${none?.id}`, { token }), 404);
  });

  it('are listed by deployment, kind and state, page by page', async () => {
    await told1(told(...['x', 'y', 'z'].map((name) => found(name, { kind: 'idle', deploymentId: 'blog' }))));
    await told1(told(found('y', { kind: 'idle', deploymentId: 'blog', state: 'resolved' })));
    const listed = async (query: string) => {
      const names: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = await call('GET', `${findings}?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
        names.push(...(page.json.items as unknown as { resource: string }[]).map(({ resource }) => resource));
        cursor = page.json.next as unknown as string | null;
      }
      return names.sort();
    };
    expect(await listed('deploymentId=blog&kind=idle&limit=1')).toEqual(['x', 'y', 'z']);
    expect(await listed('kind=idle&state=open&limit=2')).toEqual(['x', 'z']);
    expect(await listed('kind=idle&state=resolved')).toEqual(['y']);
    expect(await listed('deploymentId=shop&kind=idle')).toEqual([]);
  });
});

describe('a signed delivery', () => {
  it('needs no token', async () => {
    const answer = await sendSigned(told(found('signed')));
    expect([answer.status, answer.json]).toEqual([
      200,
      { repeated: false, items: [{ id: expect.any(String), outcome: 'opened' }] },
    ]);
  });

  it('counts once: sent again after the end was told, it opens nothing', async () => {
    const at = Math.floor(Date.now() / 1000);
    await sendSigned(told(found('replayed')), { atSeconds: at });
    await told1(told(found('replayed', { state: 'resolved' })));
    const again = await sendSigned(told(found('replayed')), { atSeconds: at });
    expect([again.status, again.json]).toEqual([200, { repeated: true, items: [] }]);
    const standing = (await call('GET', `${findings}?deploymentId=shop&limit=200`)).json.items as unknown as {
      resource: string;
      state: string;
    }[];
    expect(standing.find(({ resource }) => resource === 'replayed')?.state).toBe('resolved');
  });

  it.each<readonly [string, () => ReturnType<typeof call>]>([
    ['with another key', () => sendSigned(told(found('no')), { key: 'x'.repeat(40) })],
    ['with another body', () => sendSigned(told(found('no')), { sent: told(found('yes')) })],
    ['too late', () => sendSigned(told(found('no')), { atSeconds: Math.floor(Date.now() / 1000) - 400 })],
    [
      'of the time to come',
      () => sendSigned(told(found('no')), { atSeconds: Math.floor(Date.now() / 1000) + 400 }),
    ],
    [
      'with a header that is none',
      () =>
        call('POST', findings, {
          token: null,
          body: told(found('no')),
          headers: { 'x-homeostat-signature': 'yes' },
        }),
    ],
    ['not at all', () => call('POST', findings, { token: null, body: told(found('no')) })],
  ])('%s is refused and changes nothing', async (_, send) => {
    expectProblem(await send(), 401);
    expect(cloud.arrived).toEqual([]);
  });

  it('a good token does not make a wrong signature right', async () => {
    const headers = { 'x-homeostat-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` };
    expectProblem(await call('POST', findings, { body: told(found('no')), headers }), 401);
  });

  it('where no key is set, or only a short one, none is taken', async () => {
    cloud.secretValues.clear();
    expectProblem(await sendSigned(told(found('no'))), 401);
    cloud.secretValues.set('FINDINGS_KEY', 'short');
    expectProblem(await sendSigned(told(found('no')), { key: 'short' }), 401);
  });

  it('the key can be changed without a gap: both are good while both stand in the secret', async () => {
    cloud.secretValues.set('FINDINGS_KEY', `${'n'.repeat(40)},${key}`);
    expect((await sendSigned(told(found('old key')))).status).toBe(200);
    expect((await sendSigned(told(found('new key')), { key: 'n'.repeat(40) })).status).toBe(200);
  });
});
