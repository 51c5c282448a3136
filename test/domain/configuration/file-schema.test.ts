import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fileJsonSchema } from '../../../shared/configuration/file-schema.ts';
import { problemsOf } from './files.ts';

const ajv = new Ajv({ strict: false, validateFormats: false });
const accepts = ajv.compile(fileJsonSchema());

const example = readFileSync(new URL('../../../homeostat.yaml', import.meta.url), 'utf8');
const webService = { kind: 'ecs-service', resource: 'web' };
const home = { name: 'home', type: 'http', target: 'https://example.com/' };

describe('the JSON Schema of homeostat.yaml, as an editor uses it', () => {
  it('is of draft 7, which editors of YAML know, and accepts the example of this repository', () => {
    expect(fileJsonSchema().$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(accepts(parse(example)), JSON.stringify(accepts.errors)).toBe(true);
  });

  it('says of include what the loader takes: a star, in the last part only', async () => {
    const { properties } = fileJsonSchema() as { properties: { include: { description: string } } };
    expect(properties.include.description).toBe(
      'Other files, relative to this one; `*` in the last part of a path stands for any characters.',
    );
    expect(await problemsOf({ 'homeostat.yaml': 'include: [teams/**/*.yaml]\n' })).toEqual([
      'homeostat.yaml:1:11 include[0]: Put a * only into the last part of the path.',
    ]);
  });

  it.each([
    ['an empty file', {}],
    ['a check with nothing but what it needs', { checks: [home] }],
    [
      'defaults and an include',
      { include: ['checks/*.yaml'], defaults: { interval: '30s', maintenance: [] } },
    ],
    ['checks inside a deployment', { deployments: [{ id: 'shop', environment: 'staging', checks: [home] }] }],
    [
      'k of n, conditions and a parent',
      {
        checks: [
          { ...home, failureThreshold: '3 of 5', conditions: ['[STATUS] == 200'], parent: 'gateway' },
          { name: 'gateway', type: 'tcp', target: 'gw.example.com:443' },
        ],
      },
    ],
    [
      'rules, channels, maintenance and settings',
      {
        deployments: [
          { id: 'shop', alerts: [{ name: 'slow', type: 'performance', condition: { above: '1s' } }] },
        ],
        alerts: [{ name: 'Service Down', deploymentId: '*', type: 'downtime', for: '2m' }],
        channels: [{ name: 'chat', type: 'slack', config: { url: `\${secret:URL}` } }],
        maintenance: [
          { name: 'backup', matchers: ['a=b'], windows: [{ cron: '0 2 * * *', duration: '1h' }] },
        ],
        alerting: { defaultChannels: ['chat'], escalation: [{ after: '15m', channels: ['chat'] }] },
      },
    ],
    [
      'resources, scaling rules and policies',
      {
        deployments: [
          {
            id: 'shop',
            resources: [{ name: 'web', type: 'ecs-service', id: 'main/web', checks: ['home'] }],
            scaling: [{ name: 'a', target: webService, series: 'check.up', targetValue: 1, max: 2 }],
          },
        ],
        scaling: [
          {
            name: 'a',
            deploymentId: 'shop',
            target: webService,
            series: 'check.up',
            window: '5m',
            steps: [{ from: 1, change: 2 }],
            max: 2,
          },
        ],
        policies: [
          {
            name: 'a',
            selector: { environments: ['production'] },
            health_remediation: {
              unhealthy_service: { action: 'restart', approval: { people: 2, expires: '2h' }, wait: 30 },
              resource_exhaustion: { action: 'scale_up', threshold: '80%', max_scale: '2x' },
            },
            cost_optimization: { oversized_resources: { action: 'notify', detection: 'usage < 30%' } },
            limits: { max_percent: 10 },
          },
        ],
      },
    ],
    [
      'status pages',
      {
        statusPages: [
          {
            slug: 'shop',
            name: 'Shop status',
            logoUrl: 'https://shop.example.com/logo.svg',
            accentColor: '#0a7d5c',
            timeZone: 'Europe/Berlin',
            isPublished: false,
            groups: [
              { name: 'Shop', checks: [{ name: 'home', label: 'Website' }] },
              { name: 'Rest', deploymentId: 'shop', tag: 'team' },
            ],
          },
        ],
      },
    ],
  ])('accepts %s', (_what, content) => {
    expect(accepts(content), JSON.stringify(accepts.errors)).toBe(true);
  });

  it.each([
    ['a field that does not exist', { checks: [{ ...home, intervall: '30s' }] }],
    ['a kind that does not exist', { checks: [{ ...home, type: 'icmp' }] }],
    ['a check without a target', { checks: [{ name: 'home', type: 'http' }] }],
    [
      'a deployment named inside a deployment',
      {
        deployments: [{ id: 'shop', checks: [{ ...home, deploymentId: 'other' }] }],
      },
    ],
    ['a parent for all', { defaults: { parent: 'gateway' } }],
    [
      'an action that does not exist',
      { policies: [{ name: 'a', health_remediation: { unhealthy_service: { action: 'reboot' } } }] },
    ],
    ['a negative limit', { policies: [{ name: 'a', limits: { max_count: -1 } }] }],
    [
      'a resource of a type that does not exist',
      { deployments: [{ id: 'a', resources: [{ name: 'a', type: 'b', id: 'c' }] }] },
    ],
    [
      'a scaling rule of no deployment',
      { scaling: [{ name: 'a', target: webService, series: 'check.up', targetValue: 1, max: 2 }] },
    ],
    ['a status page without groups', { statusPages: [{ slug: 'a', name: 'a' }] }],
    ['a slug in capitals', { statusPages: [{ slug: 'A', name: 'a', groups: [{ name: 'a', tag: 'a' }] }] }],
    ['alerts as a map', { alerts: { enabled: true } }],
    ['a type of rule that does not exist', { alerts: [{ name: 'a', type: 'weather' }] }],
    ['a condition of another type', { alerts: [{ name: 'a', type: 'downtime', condition: { above: 5 } }] }],
    ['a field that no channel has', { channels: [{ name: 'a', type: 'sns', topic: 'x' }] }],
    ['a setting that does not exist', { alerting: { groupWaitSeconds: 5 } }],
    ['a duration in words', { checks: [{ ...home, interval: 'hourly' }] }],
  ])('marks %s', (_what, content) => {
    expect(accepts(content)).toBe(false);
  });
});
