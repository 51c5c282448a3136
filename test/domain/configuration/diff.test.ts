import { describe, expect, it } from 'vitest';
import { type Defined, differenceBetween, type Held, isEmpty } from '../../../shared/configuration/index.ts';

const check = (name: string, fields: object = {}): Defined & { kind: 'check' } => ({
  kind: 'check',
  name: `shop/${name}`,
  definition: {
    deploymentId: 'shop',
    name,
    type: 'http',
    target: 'https://a.example/',
    interval: 60,
    timeout: 5,
    retries: 1,
    failureThreshold: 3,
    successThreshold: 2,
    network: 'public',
    tags: {},
    config: { method: 'GET', headers: {}, expectedStatus: ['200-299'] },
    isActive: true,
    ...fields,
  },
});
const deployment = (environment: string): Defined => ({
  kind: 'deployment',
  name: 'shop',
  definition: {
    deploymentId: 'shop',
    blueprintId: null,
    environment,
    monitoringConfig: {
      driftDetection: true,
      healthChecks: true,
      costMonitoring: true,
      complianceMonitoring: true,
    },
  },
});
const held = (object: Defined, managedBy: Held['managedBy'] = 'file'): Held => ({ ...object, managedBy });

const told = (desired: readonly Defined[], current: readonly Held[]) => {
  const { created, updated, unchanged, removed, conflicts } = differenceBetween(desired, current);
  const names = (list: readonly Defined[]) => list.map(({ name }) => name);
  const changed = (list: typeof updated) => list.map(({ name, fields }) => [name, fields]);
  return {
    created: names(created),
    updated: changed(updated),
    unchanged: names(unchanged),
    removed: names(removed),
    conflicts: changed(conflicts),
  };
};
const nothing = { created: [], updated: [], unchanged: [], removed: [], conflicts: [] };

describe('The difference between a configuration and what is there', () => {
  it.each([
    ['nothing at all', [], [], nothing],
    ['something new', [check('a')], [], { ...nothing, created: ['shop/a'] }],
    ['the same', [check('a')], [held(check('a'))], { ...nothing, unchanged: ['shop/a'] }],
    [
      'the same, made over the API',
      [check('a')],
      [held(check('a'), 'api')],
      { ...nothing, unchanged: ['shop/a'] },
    ],
    [
      'another value',
      [check('a', { interval: 30 })],
      [held(check('a'))],
      { ...nothing, updated: [['shop/a', [{ path: 'interval', from: 60, to: 30 }]]] },
    ],
    [
      'another value of what the API made',
      [check('a', { interval: 30 })],
      [held(check('a'), 'api')],
      { ...nothing, conflicts: [['shop/a', [{ path: 'interval', from: 60, to: 30 }]]] },
    ],
    [
      'a secret that the API does not show: only the API can tell, and nobody reads it here (fault 29)',
      [check('a', { config: { headers: { 'X-Auth-Key': 'canary' } } })],
      [held(check('a', { config: { headers: { 'X-Auth-Key': '[hidden]' } } }), 'api')],
      {
        ...nothing,
        updated: [['shop/a', [{ path: 'config.headers.X-Auth-Key', from: '[hidden]', to: '[hidden]' }]]],
      },
    ],
    [
      'a secret that is new, which stays unread too (fault 29)',
      [check('a', { config: { headers: { authorization: 'canary' } } })],
      [held(check('a', { config: {} }))],
      {
        ...nothing,
        updated: [
          ['shop/a', [{ path: 'config.headers', from: undefined, to: { authorization: '[hidden]' } }]],
        ],
      },
    ],
    ['no longer wanted', [], [held(check('a'))], { ...nothing, removed: ['shop/a'] }],
    ['not in the file, made over the API', [], [held(check('a'), 'api')], nothing],
    [
      'a field that came and one that went, inside maps',
      [
        check('a', {
          tags: { team: 'x' },
          config: { method: 'GET', headers: {}, expectedStatus: ['200-299'] },
        }),
      ],
      [
        held(
          check('a', {
            tags: { tier: '1' },
            config: { method: 'GET', headers: { accept: 'text/html' }, expectedStatus: ['200-299'] },
          }),
        ),
      ],
      {
        ...nothing,
        updated: [
          [
            'shop/a',
            [
              { path: 'config.headers.accept', from: 'text/html', to: undefined },
              { path: 'tags.team', from: undefined, to: 'x' },
              { path: 'tags.tier', from: '1', to: undefined },
            ],
          ],
        ],
      },
    ],
    [
      'a list, which is compared as a whole',
      [check('a', { config: { expectedStatus: [200, 204] } })],
      [held(check('a', { config: { expectedStatus: [204, 200] } }))],
      {
        ...nothing,
        updated: [['shop/a', [{ path: 'config.expectedStatus', from: [204, 200], to: [200, 204] }]]],
      },
    ],
    [
      'the order of fields, which means nothing',
      [check('a', { config: { method: 'GET', followRedirects: 1 } })],
      [held(check('a', { config: { followRedirects: 1, method: 'GET' } }))],
      { ...nothing, unchanged: ['shop/a'] },
    ],
    [
      'a deployment and a check of one name, which are two things',
      [deployment('staging')],
      [held(deployment('production')), held({ ...check('x'), name: 'shop' })],
      {
        ...nothing,
        updated: [['shop', [{ path: 'environment', from: 'production', to: 'staging' }]]],
        removed: ['shop'],
      },
    ],
    [
      'a deployment that goes, after its checks',
      [],
      [held(deployment('production')), held(check('a')), held(check('b'))],
      { ...nothing, removed: ['shop/a', 'shop/b', 'shop'] },
    ],
  ] satisfies [string, Defined[], Held[], object][])('%s', (_what, desired, current, expected) => {
    expect(told(desired, current)).toEqual(expected);
  });

  it('is empty with something left over only when nothing is pruned', () => {
    const left = differenceBetween([], [held(check('a'))]);
    expect([isEmpty(left, false), isEmpty(left, true)]).toEqual([true, false]);
  });
});
