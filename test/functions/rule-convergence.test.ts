import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putRule, withdrawRule } from '../../shared/alerting/define.ts';
import { ruleDefinitionSchema } from '../../shared/alerting/model.ts';
import { resolveRule } from '../../shared/alerting/resolve.ts';
import { ruleIdOf } from '../../shared/alerting/rule.ts';
import { call } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const alerts = '/api/v1/monitoring/alerts';
const place = { accountId: '123456789012', region: 'eu-central-1' };
const asFile = { reach: '*', by: 'token:ci', owner: 'file' } as const;

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const world = () => ({
  state: cloud.state,
  clock: () => Date.now(),
  newId: randomUUID,
  place,
  setting: () => '',
});
const wanted = (fields: object) =>
  resolveRule(ruleDefinitionSchema.parse({ type: 'downtime', deploymentId: '*', ...fields }));
const shown = async (name: string) => (await call('GET', `${alerts}/${ruleIdOf(null, name)}`)).json;
const changeOf = async (name: string) =>
  (await call('PUT', `${alerts}/${ruleIdOf(null, name)}`, { body: { type: 'downtime', isActive: false } }))
    .json.code;

describe('a file that manages rules', () => {
  it('makes what is not there, changes what is otherwise, and leaves alone what is the same', async () => {
    const put = async (fields: object) =>
      (await putRule(world(), wanted({ name: 'gone', ...fields }), asFile)).outcome;
    expect(await put({})).toBe('created');
    expect(await put({})).toBe('unchanged');
    expect(await put({ severity: 'error' })).toBe('updated');
    expect(await shown('gone')).toMatchObject({ managedBy: 'file', revision: 2, severity: 'error' });
    expect(await changeOf('gone')).toBe('CONFLICT');
  });

  it('tells in a dry run what it would come to, and writes nothing', async () => {
    const dry = { ...asFile, dryRun: true };
    expect((await putRule(world(), wanted({ name: 'planned' }), dry)).outcome).toBe('created');
    expect((await shown('planned')).code).toBe('NOT_FOUND');
    expect((await withdrawRule(world(), { deploymentId: null, name: 'gone' }, dry)).outcome).toBe('removed');
    expect((await shown('gone')).managedBy).toBe('file');
  });

  it('may name a deployment that is only planned, and none that is not even that', async () => {
    const rule = wanted({ name: 'early', deploymentId: 'coming' });
    const dry = { ...asFile, dryRun: true };
    await expect(putRule(world(), rule, dry)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    const planned = { ...dry, isPlanned: (id: string) => id === 'coming' };
    expect((await putRule(world(), rule, planned)).outcome).toBe('created');
  });

  it('does not touch what the API manages, unless it is the same already', async () => {
    await call('POST', alerts, { body: { name: 'by hand', type: 'downtime', deploymentId: '*' } });
    expect((await putRule(world(), wanted({ name: 'by hand' }), asFile)).outcome).toBe('unchanged');
    const other = wanted({ name: 'by hand', severity: 'info' });
    await expect(putRule(world(), other, asFile)).rejects.toMatchObject({ code: 'CONFLICT' });
    const identity = { deploymentId: null, name: 'by hand' };
    await expect(withdrawRule(world(), identity, asFile)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('switches a built-in rule off without repeating what it looks at, and brings it back by saying no more of it', async () => {
    const off = wanted({ name: 'Cost Overrun', type: 'finding', isActive: false });
    expect((await putRule(world(), off, asFile)).outcome).toBe('updated');
    expect((await putRule(world(), off, asFile)).outcome).toBe('unchanged');
    expect(await shown('Cost Overrun')).toMatchObject({
      managedBy: 'file',
      isActive: false,
      condition: { kinds: ['cost'] },
    });
    const identity = { deploymentId: null, name: 'Cost Overrun' };
    expect((await withdrawRule(world(), identity, asFile)).outcome).toBe('removed');
    expect((await withdrawRule(world(), identity, asFile)).outcome).toBe('unchanged');
    expect(await shown('Cost Overrun')).toMatchObject({ managedBy: 'builtin', isActive: true });
  });
});
