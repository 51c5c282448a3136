import { describe, expect, it } from 'vitest';
import { configurationOf, problemsOf } from './files.ts';

const only = async (text: string, options?: Parameters<typeof configurationOf>[1]) => {
  const { checks } = await configurationOf({ 'homeostat.yaml': text }, options);
  return checks[0];
};
const tcp = 'name: a, type: tcp, target: "a.example:1"';

describe('A configuration file', () => {
  it('gives complete definitions: what it leaves out has its default', async () => {
    const text =
      'deployments:\n  - id: shop\n    checks:\n      - name: home\n        type: http\n        target: https://a.example/\n';
    expect(await configurationOf({ 'homeostat.yaml': text })).toEqual({
      deployments: [
        {
          deploymentId: 'shop',
          blueprintId: null,
          environment: 'production',
          monitoringConfig: {
            driftDetection: true,
            healthChecks: true,
            costMonitoring: true,
            complianceMonitoring: true,
          },
        },
      ],
      checks: [
        {
          deploymentId: 'shop',
          name: 'home',
          type: 'http',
          target: 'https://a.example/',
          intervalSeconds: 60,
          timeoutSeconds: 5,
          retries: 1,
          failureThreshold: 3,
          successThreshold: 2,
          network: 'public',
          tags: {},
          config: {
            method: 'GET',
            headers: {},
            followRedirects: 5,
            verifyTls: true,
          },
          isActive: true,
        },
      ],
      channels: [],
      maintenance: [],
      rules: [],
      policies: [],
      scalers: [],
      statusPages: [],
      acceptedOnly: [],
    });
  });

  it('may be empty, or have lists with nothing in them', async () => {
    const nothing = {
      deployments: [],
      checks: [],
      channels: [],
      maintenance: [],
      rules: [],
      policies: [],
      scalers: [],
      statusPages: [],
      acceptedOnly: [],
    };
    expect(await configurationOf({ 'homeostat.yaml': '' })).toEqual(nothing);
    expect(
      await configurationOf({
        'homeostat.yaml': 'checks:\ndeployments:\ndefaults:\nalerts:\nchannels:\nmaintenance:\nalerting:\n',
      }),
    ).toEqual(nothing);
  });

  it('puts a check without a deployment into «default», or into the one it names', async () => {
    expect((await only(`checks: [{${tcp}}]`))?.deploymentId).toBe('default');
    expect((await only(`checks: [{${tcp}, deploymentId: shop}]`))?.deploymentId).toBe('shop');
  });

  it.each([
    ['the check', `collectInterval: 30s\ndefaults: {interval: 20s}\nchecks: [{${tcp}, interval: 10}]`, 10],
    ['defaults', `collectInterval: 30s\ndefaults: {interval: 20s}\nchecks: [{${tcp}}]`, 20],
    ['collectInterval', `collectInterval: 30s\nchecks: [{${tcp}}]`, 30],
    ['whoever loads the file', `checks: [{${tcp}}]`, 120],
  ])('takes the interval from %s first', async (_who, text, seconds) => {
    expect((await only(text, { environment: {}, defaultIntervalSeconds: 120 }))?.intervalSeconds).toBe(
      seconds,
    );
  });

  it('adds default tags to those of a check, tag by tag', async () => {
    const text = `defaults: {tags: {team: shop, tier: "1"}}\nchecks: [{${tcp}, tags: {tier: "2"}}]`;
    expect((await only(text))?.tags).toEqual({ team: 'shop', tier: '2' });
  });

  it('pauses every check of itself and of what it includes with enabled: false', async () => {
    const { checks } = await configurationOf({
      'homeostat.yaml': `enabled: false\ninclude: [b.yaml]\nchecks: [{${tcp}, isActive: true}]`,
      'b.yaml': 'enabled: true\nchecks: [{name: b, type: tcp, target: "b.example:1"}]',
    });
    expect(checks.map(({ name, isActive }) => [name, isActive])).toEqual([
      ['a', false],
      ['b', false],
    ]);
  });

  it('gives degradedAbove of its defaults to the checks that have a response time', async () => {
    const text = `defaults: {degradedAbove: 500ms}\nchecks:\n  - {${tcp}}\n  - {name: b, type: heartbeat, config: {every: 1h}}\n  - {name: c, type: composite, config: {members: [a, b]}}\n`;
    const { checks } = await configurationOf({ 'homeostat.yaml': text });
    expect(checks.map(({ degradedAboveMs }) => degradedAboveMs)).toEqual([500, undefined, undefined]);
  });

  it('hands its defaults to the files it includes, whose own go first', async () => {
    const { checks } = await configurationOf({
      'homeostat.yaml': 'include: [more/*.yaml]\ndefaults: {interval: 20s, retries: 0}',
      'more/b.yaml': `checks: [{${tcp}}]`,
      'more/c.yaml': 'defaults: {interval: 30s}\nchecks: [{name: c, type: tcp, target: "c.example:1"}]',
      'more/.hidden.yaml': 'wrong: yes',
      'more/notes.txt': 'wrong: yes',
    });
    expect(checks.map(({ name, intervalSeconds, retries }) => [name, intervalSeconds, retries])).toEqual([
      ['a', 20, 0],
      ['c', 30, 0],
    ]);
  });

  it('is read once, also when it includes itself or is named twice', async () => {
    const files = { 'homeostat.yaml': `include: [homeostat.yaml]\nchecks: [{${tcp}}]` };
    const { checks } = await configurationOf(files, { environment: {} }, [
      'homeostat.yaml',
      './homeostat.yaml',
    ]);
    expect(checks.length).toBe(1);
  });

  it('may give a value once and use it again by an alias', async () => {
    const text = `checks:\n  - {name: a, type: tcp, target: "a.example:1", tags: &t {team: shop}}\n  - {name: b, type: tcp, target: "b.example:1", tags: *t}\n`;
    const { checks } = await configurationOf({ 'homeostat.yaml': text });
    expect(checks.map(({ tags }) => tags)).toEqual([{ team: 'shop' }, { team: 'shop' }]);
  });

  it.each([
    [`127.0.0.1:\${env:PORT:-3007}`, {}, '127.0.0.1:3007'],
    [`127.0.0.1:\${env:PORT:-3007}`, { PORT: '4000' }, '127.0.0.1:4000'],
    [`127.0.0.1:\${env:PORT:-3007}`, { PORT: '' }, '127.0.0.1:3007'],
    [`\${env:HOST_NAME}:\${env:PORT:-1}`, { HOST_NAME: 'a.example' }, 'a.example:1'],
  ])('puts environment variables into %s', async (target, environment, expected) => {
    const text = `checks:\n  - name: a\n    type: tcp\n    target: ${target}\n`;
    expect((await only(text, { environment }))?.target).toBe(expected);
  });

  it(`keeps $\${env:…} as text`, async () => {
    const text = `checks:\n  - name: a\n    type: tcp\n    target: a.example:1\n    tags: {how: '$\${env:X:-y}'}\n`;
    expect((await only(text))?.tags).toEqual({ how: `\${env:X:-y}` });
  });

  it('accepts and names the options that a later version uses', async () => {
    const text =
      'retentionDays: {results: 3, logs: 7}\nservices: [{name: shop}]\nmetrics: {enabled: true}\nlogging: {level: warn}\ntracing: {sampleRatio: 0.1}\n';
    expect((await configurationOf({ 'homeostat.yaml': text })).acceptedOnly).toEqual([
      'retentionDays',
      'services',
      'metrics',
      'logging',
      'tracing',
    ]);
  });

  it('gives such an option once only, over all files', async () => {
    const files = {
      'homeostat.yaml': 'logging: {level: warn}\ninclude: [b.yaml]',
      'b.yaml': 'logging: {level: info}',
    };
    expect(await problemsOf(files)).toEqual([
      'b.yaml:1:1 logging: Keep one of them: this is given in homeostat.yaml:1 already.',
    ]);
  });
});
