import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertIdOf, alertKey, eventIdOf, sortable } from '../../shared/alerting/alert.ts';
import { type AlertEvent, keepEvent } from '../../shared/alerting/events-store.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const events = '/api/v1/monitoring/alerts/events';
const ruleId = 'a'.repeat(24);
const day = 86_400_000;
const midnight = Math.floor(Date.now() / day) * day;

type Firing = Pick<AlertEvent, 'deploymentId' | 'severity' | 'firedAt'> & Partial<AlertEvent>;
const eventFor = (name: string, given: Firing): AlertEvent => {
  const subject = {
    key: `check:${name}`,
    deploymentId: given.deploymentId,
    name,
    labels: { check: name },
  };
  const alertId = alertIdOf(ruleId, subject.key);
  return {
    id: eventIdOf(alertId, given.firedAt),
    alertId,
    alert: alertKey(ruleId, alertId),
    ruleId,
    ruleName: 'Service Down',
    ruleType: 'downtime',
    subject,
    state: 'firing',
    seq: 1,
    value: null,
    reason: `${name} is unhealthy`,
    ...given,
  };
};

/** Four days back, two on the same instant, one of no deployment. */
const happened: readonly (readonly [name: string, Firing])[] = [
  ['at midnight', { deploymentId: 'shop', severity: 'critical', firedAt: midnight }],
  ['before midnight', { deploymentId: 'shop', severity: 'error', firedAt: midnight - 1 }],
  [
    'over',
    {
      deploymentId: 'bank',
      severity: 'critical',
      firedAt: midnight - 2 * day + 3_600_000,
      state: 'resolved',
      seq: 2,
      resolvedAt: midnight - 2 * day + 3_690_000,
      incidentId: `${sortable(midnight - 2 * day)}-incident`,
    },
  ],
  ['of nobody', { deploymentId: null, severity: 'warning', firedAt: midnight - 3 * day + 7 }],
  [
    'its twin',
    { deploymentId: 'bank', severity: 'info', firedAt: midnight - 3 * day + 7, ruleId: 'b'.repeat(24) },
  ],
  ['long ago', { deploymentId: 'shop', severity: 'error', firedAt: midnight - 20 * day }],
];

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  for (const deploymentId of ['shop', 'bank'])
    await call('POST', '/api/monitoring/register', { body: { deploymentId } });
  for (const [name, given] of happened) await keepEvent(cloud.state, eventFor(name, given));
});
afterAll(() => cloud.close());

type Page = {
  readonly items: readonly { readonly id: string; readonly subject: { readonly name: string } }[];
};
const namesOf = (answered: { readonly json: unknown }) =>
  (answered.json as Page).items.map(({ subject }) => subject.name);
const iso = (at: number) => new Date(at).toISOString();

describe('what fired', () => {
  it('comes newest first, of the last seven days when nobody says otherwise', async () => {
    const listed = namesOf(await call('GET', events));
    expect(listed.slice(0, 3)).toEqual(['at midnight', 'before midnight', 'over']);
    expect(listed.slice(3).sort()).toEqual(['its twin', 'of nobody']);
  });

  it('shows each firing whole', async () => {
    const [over] = (await call('GET', `${events}?state=resolved`)).json.items as never as [Page['items'][0]];
    const firedAt = midnight - 2 * day + 3_600_000;
    expect(over).toEqual({
      id: eventIdOf(alertIdOf(ruleId, 'check:over'), firedAt),
      alertId: alertIdOf(ruleId, 'check:over'),
      ruleId,
      ruleName: 'Service Down',
      type: 'downtime',
      deploymentId: 'bank',
      subject: { key: 'check:over', name: 'over', deploymentId: 'bank', labels: { check: 'over' } },
      state: 'resolved',
      severity: 'critical',
      value: null,
      reason: 'over is unhealthy',
      firedAt: iso(firedAt),
      resolvedAt: iso(firedAt + 90_000),
      duration: 90,
      isResolvedByHand: false,
      incidentId: `${sortable(midnight - 2 * day)}-incident`,
    });
    expect((await call('GET', `${events}/${over.id}`)).json).toEqual(over);
  });

  it.each([1, 2, 4])('comes in pages of %i, each once, over days without any', async (limit) => {
    const from = `from=${iso(midnight - 30 * day)}&limit=${limit}`;
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await call('GET', `${events}?${from}${cursor}`);
      expect(page.status, page.text).toBe(200);
      expect(namesOf(page).length).toBeLessThanOrEqual(limit);
      seen.push(...namesOf(page));
      cursor = page.json.next === null ? '' : `&cursor=${String(page.json.next)}`;
    } while (cursor !== '');
    expect(seen.length).toBe(happened.length);
    expect([...seen].sort()).toEqual(happened.map(([name]) => name).sort());
    expect(seen.at(-1)).toBe('long ago');
  });

  it('goes on behind months without any', async () => {
    const from = iso(midnight - 300 * day);
    let page = await call('GET', `${events}?from=${from}&to=${iso(midnight - 21 * day)}`);
    let pages = 1;
    for (; page.json.next !== null; pages++)
      page = await call('GET', `${events}?cursor=${String(page.json.next)}`);
    expect([namesOf(page), pages]).toEqual([[], 8]);
  });

  it.each([
    ['severity=critical', ['at midnight', 'over']],
    ['state=firing&severity=error', ['before midnight']],
    [`ruleId=${'b'.repeat(24)}`, ['its twin']],
    ['deploymentId=bank', ['over', 'its twin']],
    [`to=${iso(midnight - 1)}&from=${iso(midnight - 1)}`, ['before midnight']],
    [`to=${iso(midnight)}&from=${iso(midnight)}`, ['at midnight']],
  ])('?%s shows only those', async (query, expected) => {
    expect(namesOf(await call('GET', `${events}?${query}`))).toEqual(expected);
  });

  it('is shown only within reach, and what belongs to no deployment to those who reach all (fault 33)', async () => {
    const token = await tokenWith(['read', 'operate'], ['bank']);
    expect(namesOf(await call('GET', events, { token }))).toEqual(['over', 'its twin']);
    for (const [name, given] of happened.filter(([, { deploymentId }]) => deploymentId !== 'bank')) {
      const { id } = eventFor(name, given);
      expect((await call('GET', `${events}/${id}`, { token })).status).toBe(404);
      expect((await call('POST', `${events}/${id}/acknowledge`, { token })).status).toBe(404);
    }
  });
});
