import { describe, expect, it } from 'vitest';
import type { DeploymentResource } from '../../../shared/catalog/index.ts';
import { findingOfCheck, resourceOf } from '../../../shared/findings/index.ts';
import type { CheckStatus } from '../../../shared/platform/events.ts';

const web: DeploymentResource = {
  name: 'web',
  type: 'ecs-service',
  id: 'prod/web',
  checks: ['home', 'search'],
};
const api: DeploymentResource = {
  name: 'api',
  type: 'ecs-service',
  id: 'prod/api',
  checks: ['orders', 'search'],
};
const box: DeploymentResource = { name: 'box', type: 'ec2-instance', id: 'i-0a1b' };
const arn = 'arn:aws:ecs:eu-central-1:123456789012:service/prod/web';

describe('the resource that is meant', () => {
  it.each<readonly [string, readonly DeploymentResource[] | undefined, string, string | undefined]>([
    ['by its name', [web, api], 'api', 'api'],
    ['by its id', [web, box], 'i-0a1b', 'box'],
    ['by the end of its ARN', [web, api], arn, 'web'],
    ['not by the end of a longer name in an ARN', [{ ...web, id: 'eb' }], arn, undefined],
    ['none of them', [web, api], 'db', undefined],
    ['in a deployment of before there were resources', undefined, 'web', undefined],
    [
      'two of one id: nobody knows which',
      [box, { ...box, name: 'other', type: 'ssm-managed-node' }],
      'i-0a1b',
      undefined,
    ],
    ['a name goes before an id', [box, { ...web, name: 'i-0a1b' }], 'i-0a1b', 'i-0a1b'],
  ])('%s', (_, resources, resource, expected) => {
    expect(resourceOf({ resources }, { resource })?.name).toBe(expected);
  });

  it.each<readonly [string, readonly DeploymentResource[], string, string | undefined]>([
    ['names the check', [web, api], 'home', 'web'],
    ['two name the check: nobody knows which', [web, api], 'search', undefined],
    ['none names the check', [web, api], 'blog', undefined],
    ['is the only one and names none: all checks tell of it', [box], 'anything', 'box'],
    ['is the only one and names others', [web], 'blog', undefined],
    ['is one of two that name none', [box, { ...box, name: 'b2', id: 'i-2' }], 'anything', undefined],
  ])('of a check: %s', (_, resources, checkName, expected) => {
    expect(resourceOf({ resources }, { checkName })?.name).toBe(expected);
  });
});

describe('what a change of a check says as a finding', () => {
  const change = (to: CheckStatus, name = 'home') => ({
    id: 'check:c1@2',
    at: '2026-06-12T12:00:00.000Z',
    accountId: '123456789012',
    region: 'eu-central-1',
    checkId: 'c1',
    deploymentId: 'shop',
    name,
    type: 'http',
    target: 'https://shop.example.com',
    from: 'healthy' as const,
    to,
    reason: 'it answered 503',
    responseTimeMs: 12,
    tags: { team: 'web' },
  });

  it.each<readonly [CheckStatus, 'open' | 'resolved' | undefined]>([
    ['unhealthy', 'open'],
    ['healthy', 'resolved'],
    ['degraded', 'resolved'],
    ['unknown', undefined],
  ])('%s: %s', (to, state) => {
    expect(findingOfCheck(change(to), { resources: [web] })?.state).toBe(state);
  });

  it('it names the resource, its check and the tags; each time it breaks is an occurrence', () => {
    const first = findingOfCheck(change('unhealthy'), { resources: [web] });
    expect(first).toMatchObject({
      kind: 'unhealthy',
      severity: 'error',
      deploymentId: 'shop',
      resource: 'web',
      reason: 'it answered 503',
      tags: { team: 'web' },
      details: { checkIds: ['c1'], cause: 'errors' },
      occurrence: Date.parse('2026-06-12T12:00:00.000Z'),
    });
    const later = findingOfCheck(
      { ...change('unhealthy'), at: '2026-06-12T13:00:00.000Z' },
      { resources: [web] },
    );
    expect([later?.id, later?.occurrence]).toEqual([first?.id, Date.parse('2026-06-12T13:00:00.000Z')]);
  });

  it('where no resource is meant it is of the check itself', () => {
    expect(findingOfCheck(change('unhealthy', 'blog'), {})?.resource).toBe('blog');
  });
});
