import type { RESTPostAPIWebhookWithTokenJSONBody } from 'discord-api-types/v10';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import { discord, discordMessage } from '../../../shared/notifications/kinds/discord.ts';
import type { Outgoing } from '../../../shared/notifications/kinds/kind.ts';
import { announcement, anyAnnouncement, hostile, outgoing, resolvedAnnouncement } from './announcements.ts';
import { liveIn } from './markdown-signs.ts';
import { openReceiver, portsTo, refusalOf } from './receivers.ts';

/** tsc holds the payload against the types of Discord's API. */
const messageOf = (given: Outgoing): RESTPostAPIWebhookWithTokenJSONBody => discordMessage(given);

/** What breaks a limit of https://discord.com/developers/docs/resources/message#embed-object-embed-limits. */
const broken = ({ content = '', embeds = [], allowed_mentions }: RESTPostAPIWebhookWithTokenJSONBody) => {
  const faults: string[] = [];
  const hold = (what: string, size: number, least: number, most: number) => {
    if (size < least || size > most) faults.push(`${what}: ${size}`);
  };
  hold('content', content.length, 0, 2000);
  hold('embeds', embeds.length, 1, 10);
  let total = 0;
  for (const { title = '', description = ' ', fields = [], footer } of embeds) {
    hold('title', title.length, 1, 256);
    hold('description', description.length, 1, 4096);
    hold('fields', fields.length, 0, 25);
    hold('footer', footer?.text.length ?? 0, 1, 2048);
    for (const { name, value } of fields) {
      hold('field name', name.trim().length, 1, 256);
      hold('field value', value.trim().length, 1, 1024);
      total += name.length + value.length;
    }
    total += title.length + description.length + (footer?.text.length ?? 0);
  }
  hold('all embeds', total, 1, 6000);
  if (JSON.stringify(allowed_mentions) !== '{"parse":[]}') faults.push('mentions are allowed');
  return faults;
};
const textsOf = ({ embeds = [] }: RESTPostAPIWebhookWithTokenJSONBody): readonly string[] =>
  embeds.flatMap(({ title = '', description = '', fields = [] }) => [
    title.replace(/^\S+ \[[\w ]+, \w+\] /, ''),
    description,
    ...fields.map(({ value }) => value),
  ]);

describe('a message to Discord', () => {
  it('keeps inside the published limits and is text, whatever is told (fault 28)', () => {
    fc.assert(
      fc.property(anyAnnouncement, (told) => {
        const message = messageOf(outgoing({ announcement: told }));
        expect(broken(message)).toEqual([]);
        expect(textsOf(message).flatMap(liveIn)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps inside them with the longest of templates and of links too', () => {
    const told = announcement({ title: '*'.repeat(5000), alerts: [] });
    const url = `https://a.example/${'x'.repeat(580)}`;
    const config = { title: `${'x'.repeat(190)}{{title}}`, text: `{{title}}${'y'.repeat(1900)}` };
    const links = { incident: url, acknowledge: url, silence: url };
    expect(broken(messageOf(outgoing({ announcement: told, config, links })))).toEqual([]);
  });

  test.each(hostile)('shows %j as text', (name) => {
    const message = messageOf(outgoing({ announcement: announcement({ title: name, by: name }) }));
    expect(textsOf(message).flatMap(liveIn)).toEqual([]);
  });

  it('says what happened, and offers what can be done', () => {
    const [embed] = messageOf(outgoing()).embeds ?? [];
    expect(embed).toMatchObject({ title: '🔴 [Firing, critical] home page is down', color: 0xb91c1c });
    expect(embed?.fields?.[0]).toEqual({ name: 'Deployment', value: 'web-shop', inline: true });
    expect(embed?.description).toBe(
      [
        '- **Service Down: home page** (critical, firing)',
        '  answered 503, expected 200-299',
        '  value 503, since 2026-01-31 12:00:00 UTC, [Runbook](https://wiki.example.com/home-page)',
        '',
        '[Open incident](https://homeostat.example.com/#/incidents/inc-1) · [Acknowledge](https://homeostat.example.com/api/v1/monitoring/act/ack.token) · [Silence](https://homeostat.example.com/api/v1/monitoring/act/silence.token)',
      ].join('\n'),
    );
    const over = messageOf(outgoing({ announcement: resolvedAnnouncement() })).embeds?.[0];
    expect(over?.color).toBe(0x15803d);
    expect(over?.fields).toContainEqual({ name: 'Downtime', value: '12 min 30 s', inline: true });
  });
});

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

describe("Discord's webhook", () => {
  test.each([
    ['/api/webhooks/1/token', '/api/webhooks/1/token?wait=true'],
    ['/api/webhooks/1/token?thread_id=7', '/api/webhooks/1/token?thread_id=7&wait=true'],
  ])('%s is asked to wait until the message is kept', async (path, asked) => {
    receiver = await openReceiver((_request, response) => void response.end('{"id":"99"}'));
    await discord.send(outgoing({ config: { url: `${receiver.url}${path}` } }), portsTo());
    expect(receiver.received).toMatchObject([{ method: 'POST', path: asked }]);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      allowed_mentions: { parse: [] },
      embeds: [{ footer: { text: 'homeostat:inc-1:1' } }],
    });
  });

  test.each([
    { status: 404, headers: {}, isFinal: true, retryAfterSeconds: undefined },
    { status: 429, headers: { 'retry-after': '2' }, isFinal: false, retryAfterSeconds: 2 },
    { status: 500, headers: {}, isFinal: false, retryAfterSeconds: undefined },
  ])('$status: final $isFinal', async ({ status, headers, isFinal, retryAfterSeconds }) => {
    receiver = await openReceiver((_request, response) => void response.writeHead(status, headers).end('no'));
    const sending = discord.send(outgoing({ config: { url: `${receiver.url}/x` } }), portsTo());
    expect(await refusalOf(sending)).toMatchObject({
      message: `Discord answered ${status}: no`,
      isFinal,
      retryAfterSeconds,
    });
  });
});
