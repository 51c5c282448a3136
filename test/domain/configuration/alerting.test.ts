import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, inOrder, rehearsalsOf } from '../../../shared/configuration/batches.ts';
import { definedIn } from '../../../shared/configuration/definition.ts';
import { differenceBetween, exportYaml, withChannels } from '../../../shared/configuration/index.ts';
import { configurationOf, problemsOf } from './files.ts';

const all = `deployments:
  - id: shop
    alerts:
      - {name: slow, type: performance, condition: {above: 800ms}, channels: [chat], for: 2m}
alerts:
  - {name: down, type: downtime}
  - {name: Cost Overrun, deploymentId: '*', type: finding, isActive: false}
channels:
  - {name: chat, type: webhook, config: {url: 'https://chat.example.com/'}}
maintenance:
  - {name: nightly, matchers: [deployment=shop], windows: [{cron: 30 2 * * *, duration: 45m}]}
alerting:
  defaultChannels: [chat]
  groupInterval: 10m
`;

describe('rules, channels, maintenance and settings in a file', () => {
  it('are complete: a rule belongs to the deployment around it, to the one it names, to «default» or to all', async () => {
    const { rules, channels, maintenance, alerting } = await configurationOf({ 'homeostat.yaml': all });
    expect(rules.map(({ deploymentId, name }) => [deploymentId, name])).toEqual([
      ['shop', 'slow'],
      ['default', 'down'],
      [null, 'Cost Overrun'],
    ]);
    expect(rules[0]).toMatchObject({ severity: 'warning', forSeconds: 120, channels: ['chat'] });
    expect(rules[2]).toMatchObject({ isActive: false, condition: { kinds: ['cost'] } });
    expect(channels).toMatchObject([{ name: 'chat', tellsResolved: true, isActive: true }]);
    expect(maintenance).toMatchObject([
      {
        name: 'nightly',
        matchers: [{ label: 'deployment', operator: '=', value: 'shop' }],
        windows: [{ cron: '30 2 * * *', durationSeconds: 2700 }],
        reason: 'planned maintenance',
      },
    ]);
    expect(alerting).toMatchObject({
      defaultChannels: ['chat'],
      groupWaitSeconds: 5,
      groupIntervalSeconds: 600,
    });
  });

  it('say nothing of the settings where no file does', async () => {
    expect((await configurationOf({ 'homeostat.yaml': 'checks: []' })).alerting).toBeUndefined();
  });

  it('enabled: false switches rules off and leaves channels, maintenance and settings as they are', async () => {
    const { rules, channels } = await configurationOf({ 'homeostat.yaml': `enabled: false\n${all}` });
    expect(rules.map(({ isActive }) => isActive)).toEqual([false, false, false]);
    expect(channels.map(({ isActive }) => isActive)).toEqual([true]);
  });

  it.each([
    [
      'the map of an older version',
      'alerts: {enabled: true, email: ops@example.com}\n',
      'homeostat.yaml:1:9 alerts: Give a list of rules, such as «- {name: shop is down, type: downtime}». Where e-mail goes says ALERT_EMAIL, of a stack its setting alertEmail.',
    ],
    [
      'a type that is not there',
      'alerts:\n  - name: a\n    type: weather\n',
      'homeostat.yaml:3:11 alerts[0].type: Give one of threshold, error_rate, downtime, performance, absence, finding, external, custom, composite.',
    ],
    [
      'a misspelled field',
      'alerts:\n  - name: a\n    type: downtime\n    chanels: [x]\n',
      'homeostat.yaml:4:5 alerts[0].chanels: There is no such field: did you mean channels?',
    ],
    [
      'a misspelled field of a condition',
      'alerts:\n  - name: a\n    type: downtime\n    condition: {longerThen: 1m}\n',
      'homeostat.yaml:4:17 alerts[0].condition.longerThen: There is no such field: did you mean longerThan?',
    ],
    [
      'numbers that do not fit together',
      'alerts:\n  - name: a\n    type: performance\n    condition: {above: 1s, recovery: 2s}\n',
      'homeostat.yaml:4:38 alerts[0].condition.recovery: Give 1000 ms or less: it must lie on the good side of the bound.',
    ],
    [
      'a deployment inside a deployment',
      'deployments:\n  - id: shop\n    alerts:\n      - {name: a, deploymentId: other, type: downtime}\n',
      'homeostat.yaml:4:19 deployments[0].alerts[0].deploymentId: Remove it: the deployment around the rule gives it.',
    ],
    [
      'a built-in rule turned into another',
      "alerts:\n  - {name: Service Down, deploymentId: '*', type: absence}\n",
      'homeostat.yaml:2:51 alerts[0].type: Leave it at downtime.',
    ],
    [
      'a secret where none is put in',
      `channels:\n  - name: a\n    type: sns\n    config: {title: '\${secret:A}'}\n`,
      'homeostat.yaml:4:21 channels[0].config.title: Give the text itself: a channel of the type sns takes no secrets.',
    ],
    [
      'a matcher that cannot be read',
      'maintenance:\n  - name: a\n    matchers: [shop]\n    windows: [{cron: 0 1 * * *, duration: 1h}]\n',
      'homeostat.yaml:3:16 maintenance[0].matchers[0]: The matcher cannot be read: write label=value, label!=value, label=~pattern or label!~pattern.',
    ],
    [
      'a maintenance of everything',
      'maintenance:\n  - name: a\n    matchers: [\'check=~".*"\']\n    windows: [{cron: 0 1 * * *, duration: 1h}]\n',
      'homeostat.yaml:3:15 maintenance[0].matchers: These match every alert. Name what is meant, such as deployment=shop; for really everything write rule=~".+".',
    ],
    [
      'a route without channels',
      'alerting:\n  routes:\n    - {name: a, channels: []}\n',
      'homeostat.yaml:3:27 alerting.routes[0].channels: Name at least one channel.',
    ],
  ])('%s is refused with line and field', async (_what, text, problem) => {
    expect(await problemsOf(text)).toEqual([problem]);
  });

  it('refuses two of one name, and settings in two files', async () => {
    const again = `alerts: [{name: down, type: absence}]
channels: [{name: chat, type: sns}]
maintenance: [{name: nightly, matchers: [a=b], windows: [{cron: 0 1 * * *, duration: 1h}]}]
alerting: {}
`;
    expect(await problemsOf({ 'homeostat.yaml': `include: [b.yaml]\n${all}`, 'b.yaml': again })).toEqual([
      'b.yaml:4:1 alerting: Keep one of them: this is given in homeostat.yaml:13 already.',
      'b.yaml:1:10 Give one of them another name: rule «down» of deployment default is defined in homeostat.yaml:7 already.',
      'b.yaml:2:12 Give one of them another name: channel «chat» is defined in homeostat.yaml:10 already.',
      'b.yaml:3:15 Give one of them another name: maintenance «nightly» is defined in homeostat.yaml:12 already.',
    ]);
  });
});

describe('what is exported', () => {
  const roundTrip = async (text: string): Promise<void> => {
    const there = definedIn(await configurationOf({ 'homeostat.yaml': text }));
    const again = definedIn(await configurationOf({ 'homeostat.yaml': exportYaml(there) }));
    const held = there.map((object) => ({ ...object, managedBy: 'file' as const }));
    const { created, updated, removed, unchanged } = differenceBetween(again, held);
    expect({ created, updated, removed }).toEqual({ created: [], updated: [], removed: [] });
    expect(unchanged).toHaveLength(there.length);
  };

  it('reads as people would write it', async () => {
    expect(exportYaml(definedIn(await configurationOf({ 'homeostat.yaml': all })))).toBe(`deployments:
  - id: shop
    alerts:
      - name: slow
        type: performance
        condition:
          above: 0.8
        channels:
          - chat
        for: 2m
alerts:
  - deploymentId: "*"
    name: Cost Overrun
    type: finding
    isActive: false
  - name: down
    type: downtime
channels:
  - name: chat
    type: webhook
    config:
      url: https://chat.example.com/
maintenance:
  - name: nightly
    matchers:
      - deployment=shop
    windows:
      - cron: 30 2 * * *
        duration: 45m
alerting:
  defaultChannels:
    - chat
  groupInterval: 10m
`);
  });

  const conditions = [
    'type: downtime, condition: {longerThan: 90s, degraded: true, kinds: [tcp]}',
    'type: performance, condition: {thresholds: [{above: 1s, channels: [chat]}, {above: 2s, severity: critical}]}',
    'type: error_rate, condition: {above: 5, recovery: 1, per: deployment}',
    'type: absence, condition: {window: 20m}',
    'type: threshold, condition: {series: check.up, aggregate: p99.9, window: 1h, step: 5m, match: always, thresholds: [{operator: "<", value: 1}]}',
    'type: finding, condition: {kinds: [drift], tags: {a: b}, severityFrom: rule}',
    "type: external, condition: {sources: [health], name: 'a.*'}",
    'type: custom, condition: {expression: "max(a, 1) * 2 > 3 and not a == 4", series: {a: {series: check.up}}}',
    "type: custom, condition: {function: 'arn:aws:lambda:eu-central-1:111122223333:function:f'}",
    'type: composite, condition: {all: [x, {any: [y, {not: z}]}], per: subject}',
  ];
  const anyRule = fc.record({
    condition: fc.constantFrom(...conditions),
    home: fc.constantFrom('', ", deploymentId: '*'", ', deploymentId: other'),
    rest: fc.constantFrom(
      '',
      ', severity: info, for: 90s, keepFiringFor: 1h, cooldown: 1d, noData: fire, minCoverage: 0',
      ', groupBy: rule, isActive: false, tags: {yes: "1"}, description: "a: b", runbookUrl: "https://w.example/?a=#b"',
      ', escalation: [{after: 90s, channels: [chat]}, {after: 1h, channels: [a, b], severity: critical}]',
    ),
  });

  it('applies with an empty difference, whatever the rules are', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRule, { maxLength: 5 }), async (rules) => {
        const lines = rules.map(
          ({ condition, home, rest }, at) => `  - {name: 'rule: ${at}', ${condition}${home}${rest}}\n`,
        );
        await roundTrip(`deployments: [{id: shop}]\nalerts:\n${lines.join('')}`);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    `channels:\n  - {name: a, type: slack, config: {url: '\${secret:A}'}, fallback: b, quietHours: {from: '22:00', until: '07:00', exceptFrom: error}}\n  - {name: b, type: webhook, config: {url: 'https://b.example/', headers: {x: y}, format: homeostat}, tellsResolved: false, isActive: false}\n`,
    'maintenance:\n  - {name: a, matchers: [{label: check, operator: "=~", value: "a b|\\"c\\""}], windows: [{at: "2030-01-31T22:00:00+01:00", duration: 90m}, {weekdays: [sun], from: "03:00", until: "04:00", timeZone: Europe/Berlin}], reason: why, startsAt: "2030-01-01T00:00:00Z", endsAt: "2031-01-01T00:00:00+01:00"}\n',
    'alerting:\n  routes: [{name: a, severities: [critical], deployments: [x], matchers: [tag.team!=a], time: {from: "22:00", until: "06:00", weekdays: [mon]}, channels: [c], continue: true}]\n  escalation: [{after: 15m, channels: [c], severity: critical}]\n  repeatInterval: 1d\n  digest: {at: "08:00", timeZone: Europe/Berlin, channels: [c]}\n',
  ])('applies with an empty difference: %s', (text) => roundTrip(text));
});

describe('the difference', () => {
  const wanted = async () => definedIn(await configurationOf({ 'homeostat.yaml': all }));

  it('takes a built-in thing as nobody’s, and leaves the start of a maintenance that says none', async () => {
    const desired = await wanted();
    const held = desired.map((object) =>
      object.kind === 'maintenance'
        ? {
            ...object,
            definition: { ...object.definition, startsAt: '2026-01-31T12:00:00.000Z' },
            managedBy: 'file' as const,
          }
        : { ...object, managedBy: 'builtin' as const },
    );
    expect(differenceBetween(desired, held)).toMatchObject({ created: [], updated: [], conflicts: [] });
    expect(differenceBetween([], held).removed.map(({ name }) => name)).toEqual(['nightly']);
  });

  it('removes what names others before them', async () => {
    const held = (await wanted()).map((object) => ({ ...object, managedBy: 'file' as const }));
    expect(differenceBetween([], held).removed.map(({ kind }) => kind)).toEqual([
      'rule',
      'rule',
      'rule',
      'maintenance',
      'alerting',
      'channel',
      'deployment',
    ]);
  });
});

describe('many changes', () => {
  it('come so that a rule follows its channels and its rules; a rehearsal brings them along', async () => {
    const rules = Array.from(
      { length: 120 },
      (_, at) => `  - {name: r${at}, type: downtime, channels: [chat]}\n`,
    );
    const text = `alerts:
  - {name: joined, type: composite, condition: {all: [r118, r119]}}
${rules.join('')}channels:
  - {name: chat, type: sns, fallback: zoo}
  - {name: zoo, type: sns}
`;
    const steps = inOrder(
      definedIn(await configurationOf({ 'homeostat.yaml': text })).map((object) => ({
        object,
        change: { op: 'put' as const, kind: object.kind, definition: { ...object.definition } },
      })),
    );
    const names = steps.map(({ object }) => object.name);
    expect(names.slice(0, 3)).toEqual(['zoo', 'chat', 'default/r118']);
    expect(names.indexOf('default/joined')).toBeGreaterThan(names.indexOf('default/r119'));
    expect(batchesOf(steps).map(({ length }) => length)).toEqual([100, 23]);
    for (const batch of rehearsalsOf(steps)) {
      expect(batch.length).toBeLessThanOrEqual(100);
      expect(batch.map(({ object }) => object.name)).toEqual(expect.arrayContaining(['zoo', 'chat']));
    }
  });
});

describe('channels that the environment gives', () => {
  const given = {
    channels: [{ name: 'slack', type: 'slack', config: { url: `\${secret:SLACK_WEBHOOK_URL}` } }],
    defaultChannels: ['email', 'slack'],
  };
  const merged = async (text: string) =>
    withChannels(await configurationOf({ 'homeostat.yaml': text }), given);

  it('are applied as if the file said them, and are the default ones', async () => {
    const { channels, alerting } = await merged('checks: []');
    expect(channels).toEqual([
      {
        name: 'slack',
        type: 'slack',
        config: { url: `\${secret:SLACK_WEBHOOK_URL}` },
        tellsResolved: true,
        isActive: true,
      },
    ]);
    expect(alerting).toMatchObject({ defaultChannels: ['email', 'slack'], groupIntervalSeconds: 300 });
  });

  it('give way to what the file says: its channel of the name, its default channels; other settings stay', async () => {
    const own = await merged('channels: [{name: slack, type: sns}]\nalerting: {defaultChannels: [email]}');
    expect(own.channels.map(({ type }) => type)).toEqual(['sns']);
    expect(own.alerting?.defaultChannels).toEqual(['email']);
    expect((await merged('alerting: {groupInterval: 10m}')).alerting).toMatchObject({
      defaultChannels: ['email', 'slack'],
      groupIntervalSeconds: 600,
    });
  });

  it('leave the settings to the API where they say only what is so anyway', async () => {
    const plain = await configurationOf({ 'homeostat.yaml': 'checks: []' });
    expect(withChannels(plain, { channels: [], defaultChannels: ['email'] }).alerting).toBeUndefined();
    expect(withChannels(plain, { channels: [], defaultChannels: [] }).alerting).toBeUndefined();
  });
});
