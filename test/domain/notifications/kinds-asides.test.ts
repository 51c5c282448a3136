import { describe, expect, test } from 'vitest';
import type { Announcement } from '../../../shared/notifications/announcement.ts';
import { type ChannelType, channelTypes } from '../../../shared/notifications/channel.ts';
import type { SendPorts } from '../../../shared/notifications/kinds/kind.ts';
import { channelKinds } from '../../../shared/notifications/kinds/registry.ts';
import { announcement, outgoing } from './announcements.ts';

const configs: Readonly<Record<ChannelType, Readonly<Record<string, unknown>>>> = {
  sns: {},
  slack: { url: 'https://hooks.example.com/a' },
  webhook: { url: 'https://hooks.example.com/b', format: 'alertmanager' },
  email: { transport: 'ses', from: 'a@example.com', to: ['b@example.com'] },
  eventbridge: {},
  pagerduty: { routingKey: 'key', region: 'us' },
  teams: { url: 'https://hooks.example.com/c' },
  discord: { url: 'https://hooks.example.com/d' },
  telegram: { token: `123456:${'a'.repeat(30)}`, chatId: 1 },
  github: { token: 'token', repository: 'example/operations', labels: ['homeostat'] },
  jira: {
    url: 'https://jira.example.com/',
    token: 'token',
    projectKey: 'OPS',
    issueType: 'Task',
    labels: [],
  },
};

/** All that a channel of the type hands to the outside world for one announcement. */
const toldBy = async (
  type: ChannelType,
  told: Announcement,
  config: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const sent: unknown[] = [];
  const keep = async (message: unknown) => {
    sent.push(message);
  };
  const ports: SendPorts = {
    post: async (request) => {
      sent.push(request);
      const body = JSON.stringify({
        ok: true,
        number: 1,
        key: 'OPS-1',
        issues: [],
        result: { message_id: 1 },
      });
      return { status: 200, headers: {}, body };
    },
    smtp: keep,
    ses: keep,
    sns: keep,
    event: keep,
  };
  const whole = { ...configs[type], ...config };
  await channelKinds[type].send(outgoing({ announcement: told, config: whole }), ports);
  return JSON.stringify(sent);
};

const aside = announcement({ note: 'it goes back and forth', inPlaceOf: 'pager' });
const digest = announcement({
  kind: 'digest',
  status: 'resolved',
  alerts: [],
  firing: 0,
  lines: ['the disk is at 81', 'the certificate ends soon'],
});

describe.each(channelTypes)('a channel of the type %s', (type) => {
  test('says the note, and in whose place it tells', async () => {
    const told = await toldBy(type, aside);
    expect(told).toContain('it goes back and forth');
    expect(told).toContain('pager, which cannot be reached');
  });

  test('says both also behind words of the team’s own', async () => {
    const told = await toldBy(type, aside, { text: 'call the shop' });
    for (const words of ['call the shop', 'it goes back and forth', 'pager, which cannot be reached'])
      expect(told).toContain(words);
  });

  test('says each line of a digest, whatever words the team has for alerts', async () => {
    for (const config of [{}, { text: 'call the shop' }]) {
      const told = await toldBy(type, digest, config);
      for (const line of digest.lines ?? []) expect(told).toContain(line);
    }
  });
});

test('a webhook of our own form has them as fields', async () => {
  const told = await toldBy('webhook', aside, { format: 'homeostat' });
  const [{ body }] = JSON.parse(told) as [{ readonly body: string }];
  expect(JSON.parse(body)).toMatchObject({ note: 'it goes back and forth', inPlaceOf: 'pager', lines: [] });
});
