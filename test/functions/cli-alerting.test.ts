import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incidentKey } from '../../shared/incidents/incident.ts';
import { notificationKey } from '../../shared/notifications/notification.ts';
import { call, tokenWith } from './api-client.ts';
import { type Ran, runIn, serveApi } from './cli-host.ts';
import { adminToken, type Cloud, startCloud } from './cloud.ts';
import { putIncident } from './incident-item.ts';

const channels = '/api/v1/monitoring/channels';

let cloud: Cloud;
let api: { readonly url: string; close(): void };
const folder = mkdtempSync(join(tmpdir(), 'homeostat-cli-alerting-'));
/** What a receiver made of the test that is asked for next; the function that sends is not part of this. */
let received: { readonly sentNo: number; readonly lastError?: string } | undefined;

const finishTests = async (path: string): Promise<void> => {
  const [, channelId, testId] = /channels\/([^/]+)\/tests\/([^/]+)$/.exec(path) ?? [];
  if (channelId === undefined || testId === undefined || !received) return;
  const item = await cloud.state.get(notificationKey(channelId, `test-${testId}`));
  if (item) await cloud.state.put({ ...item, ...received });
};

beforeAll(async () => {
  cloud = await startCloud();
  api = await serveApi((path) => finishTests(path));
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop' } });
  await call('POST', channels, {
    body: { name: 'hook', type: 'webhook', config: { url: 'https://hooks.example.com/a' } },
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  api.close();
  await cloud.close();
});

const homeostat = (...args: readonly string[]): Promise<Ran> =>
  runIn(folder, { HOMEOSTAT_URL: api.url, HOMEOSTAT_TOKEN: adminToken }, args);

describe('homeostat, about alerts', { timeout: 60_000 }, () => {
  it('lists what is wrong, shows all about it, and lets people act on it', async () => {
    expect(await homeostat('incidents')).toEqual({ code: 0, out: 'Nothing is wrong now.\n', err: '' });
    const { incident } = await putIncident(cloud.state, 'shop', 'front');
    const listed = await homeostat('incidents', 'list', '--deployment', 'shop');
    expect(listed.out).toMatch(
      new RegExp(
        `^ID .*\\n${incident}  open  +critical  shop +\\d+ s ago  \\d firing  front\\n\\n1 incident\\.`,
      ),
    );
    expect(JSON.parse((await homeostat('incidents', '--json')).out)).toMatchObject([{ id: incident }]);
    const shown = await homeostat('incidents', 'show', incident);
    expect(shown.out).toContain('front is down');
    expect(shown.out).toContain('No channel was told.');
    expect((await homeostat('incidents', 'ack', incident, '--text', 'I look')).out).toBe(
      'front is acknowledged by admin: no reminders and no escalation until it is over.\n',
    );
    await homeostat('incidents', 'comment', incident, 'The disk was full.');
    expect((await homeostat('incidents', 'comment', incident, 'We are on it.', '--public')).out).toBe(
      'front has your update on its timeline, and so have the status pages that show it.\n',
    );
    expect((await homeostat('incidents', 'show', incident)).out).toContain('  acknowledged by admin\n');
    // The function that decides brings both onto the timeline; it is not part of this.
    const kept = JSON.stringify(await cloud.state.get(incidentKey(incident)));
    expect([kept.includes('I look'), kept.includes('The disk was full.')]).toEqual([true, true]);
    expect(kept).toContain('"kind":"published","text":"We are on it."');
    expect((await homeostat('incidents', 'unack', incident)).code).toBe(0);
    expect((await homeostat('incidents', '--json')).out).toContain('"status": "open"');
    const events = await homeostat('alerts', 'events', '--firing');
    expect(events.out).toMatch(new RegExp(`firing .* critical  front  front +${incident}  front is down\\n`));
  });

  it('silences what matches for a while, and ends that', async () => {
    const made = await homeostat(
      'silences',
      'add',
      'deployment=shop',
      'check=~"fr.*"',
      '--for',
      '2h',
      '--reason',
      'a move',
    );
    expect(made.out).toMatch(
      /^Silence [0-9a-f]{24}: what matches deployment=shop and check=~fr\.\* is recorded/,
    );
    const id = /^Silence (\S+):/.exec(made.out)?.[1] ?? '';
    expect((await homeostat('silences')).out).toMatch(
      new RegExp(`\\n${id}  active  [\\d: -]+  deployment=shop, check=~fr\\.\\*  admin  a move\\n$`),
    );
    expect(await homeostat('silences', 'expire', id)).toMatchObject({ code: 0 });
    expect((await homeostat('silences', 'list')).out).toBe('Nothing is silenced.\n');
    expect((await homeostat('silences', 'list', '--ended')).out).toContain(id);
  });

  it('tests a channel and waits for what becomes of it: 0 delivered, 2 not', async () => {
    expect((await homeostat('channels')).out).toMatch(/\nhook +webhook +api +– +active\n/);
    received = { sentNo: 1 };
    expect(await homeostat('channels', 'test', 'hook')).toMatchObject({
      code: 0,
      out: '✓ delivered  hook took it\n',
    });
    received = { sentNo: 0, lastError: 'it answers 500\u001b[2J' };
    expect(await homeostat('channels', 'test', 'hook')).toMatchObject({
      code: 2,
      out: '✕ failed  hook: it answers 500\\u001b[2J\n',
    });
    expect((await homeostat('notifications')).code).toBe(0);
  });

  it('lists rules, tries one against the past, and says who wrote what', async () => {
    const rules = await homeostat('alerts');
    expect(rules.out).toMatch(/\n\*\/Service Down +downtime +critical +– +builtin +never +active\n/);
    const tested = await homeostat('alerts', 'backtest', '*/Service Down', '--days', '2');
    expect(tested).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\*\/Service Down would not have fired between .* UTC\.\n$/),
    });
    expect((await homeostat('alerts', 'noise')).code).toBe(0);
    expect(await homeostat('audit', '--limit', '5')).toMatchObject({ code: 0, err: '' });
    expect((await homeostat('notifications', 'redrive')).out).toBe('There is nothing to send again.\n');
  });

  it.each([
    [
      ['incidents', 'ack', 'nobody'],
      'There is no incident nobody, or the token does not reach it. «homeostat',
    ],
    [
      ['silences', 'expire', 'nobody'],
      'There is no silence nobody, or the token does not reach it. «homeostat',
    ],
    [['silences', 'add', 'nonsense', '--for', '1h', '--reason', 'x'], 'write label=value'],
    [['silences', 'add', 'a=b', '--for', '1h'], "required option '--reason <text>' not specified"],
    [['channels', 'test', 'nobody'], 'There is no channel «nobody». There are «email», «hook».'],
    [['alerts', 'backtest', 'nobody'], 'There is no rule «nobody». «homeostat alerts list» shows'],
    [['alerts', 'backtest', 'Service Down', '--days', '400'], 'Give --days a number from 1 to 40.'],
    [['audit', '--limit', 'many'], 'Give --limit a number from 1 to 200.'],
  ])('says what to do about %j', async (args, sentence) => {
    const { code, err } = await homeostat(...args);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(sentence) });
    expect(err).not.toMatch(/^ {4}at /m);
  });

  it('exports rules, channels, maintenance and settings so that applying them changes nothing', async () => {
    writeFileSync(
      join(folder, 'homeostat.yaml'),
      `deployments:
  - id: web
    checks: [{name: home, type: tcp, target: "a.example:1"}]
    alerts:
      - {name: slow, type: performance, condition: {above: 800ms}, channels: [chat], for: 2m}
alerts:
  - {name: Cost Overrun, deploymentId: '*', type: finding, isActive: false}
channels:
  - {name: chat, type: webhook, config: {url: 'https://chat.example.com/'}, fallback: hook}
maintenance:
  - {name: nightly, matchers: [deployment=web], windows: [{cron: 30 2 * * *, duration: 45m}]}
alerting: {defaultChannels: [chat], groupInterval: 10m}
`,
    );
    const made = await homeostat('apply');
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toContain('+ rule web/slow\n    performance, warning\n');
    expect(made.out).toContain('~ rule */Cost Overrun\n    description: ');
    expect(made.out).toContain('~ alerting settings\n');
    for (const dryRun of [['--dry-run'], []]) {
      expect((await homeostat('apply', ...dryRun)).out).toMatch(/^0 (to create|created), .* 7 unchanged\./);
    }
    const { out } = await homeostat('export', '--managed-by', 'file');
    writeFileSync(join(folder, 'exported.yaml'), out);
    expect(await homeostat('apply', '-f', 'exported.yaml', '--dry-run', '--prune')).toMatchObject({
      code: 0,
    });
    writeFileSync(join(folder, 'empty.yaml'), '');
    expect((await homeostat('apply', '-f', 'empty.yaml', '--prune')).out).toMatch(
      /^- rule [\s\S]*- maintenance nightly\n- alerting settings\n- channel chat\n- check web\/home\n- deployment web\n0 created, 0 updated, 7 removed/,
    );
    expect((await homeostat('apply', '-f', 'empty.yaml', '--prune', '--dry-run')).code).toBe(0);
  });

  it('applies what lies in the deployments that a token reaches, without seeing channels and settings', async () => {
    const token = await tokenWith(['read', 'write'], ['shop']);
    writeFileSync(join(folder, 'team.yaml'), 'alerts: [{name: down, deploymentId: shop, type: downtime}]\n');
    const args = ['apply', '-f', 'team.yaml', '--prune', '--token', token];
    expect(await homeostat(...args)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/1 created/),
    });
    writeFileSync(join(folder, 'team.yaml'), 'alerting: {groupWait: 10s}\n');
    expect(await homeostat('apply', '-f', 'team.yaml', '--token', token)).toMatchObject({
      code: 1,
      err: expect.stringContaining('use a token that reaches all deployments'),
    });
  });
});
