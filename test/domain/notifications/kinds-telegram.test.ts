import type { ApiMethods } from '@grammyjs/types';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import type { Outgoing } from '../../../shared/notifications/kinds/kind.ts';
import { telegram, telegramMessage } from '../../../shared/notifications/kinds/telegram.ts';
import { announcement, anyAnnouncement, hostile, outgoing } from './announcements.ts';
import { openReceiver, portsTo, refusalOf } from './receivers.ts';

type SendMessage = Parameters<ApiMethods<unknown>['sendMessage']>[0];

const token = '123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr';
const config = { token, chatId: -1001234567890 };
/** tsc holds the payload against the types of the Bot API. */
const messageOf = (given: Partial<Outgoing>): SendMessage => telegramMessage(outgoing({ config, ...given }));

/** What breaks https://core.telegram.org/bots/api#html-style or the limit of sendMessage. */
const broken = (text: string): readonly string[] => {
  const faults: string[] = [];
  if (text.length < 1 || text.length > 4096) faults.push(`${text.length} characters`);
  const open: string[] = [];
  for (const [whole, closing, name = ''] of text.matchAll(/<(\/?)([a-z]*)[^>]*>/g)) {
    if (closing) {
      if (open.pop() !== name) faults.push(`${whole} closes what is not open`);
    } else if (/^<(b|code|a href="https?:\/\/[^"<>]*")>$/.test(whole)) open.push(name);
    else faults.push(`the tag ${whole}`);
  }
  if (open.length > 0) faults.push(`open: ${open}`);
  const outside = text.replace(/<[^>]*>/g, '');
  if (/[<>]/.test(outside)) faults.push('a sign that is not escaped');
  // Telegram knows these names and numbers only.
  for (const [entity] of text.matchAll(/&(?!(?:lt|gt|amp|quot|#\d+);)\S{0,8}/g))
    faults.push(`the entity ${entity}`);
  const shown = outside.replace(/&#(\d+);/g, (_whole, code: string) => String.fromCodePoint(Number(code)));
  if (/@[A-Za-z0-9_]/.test(shown)) faults.push('a name that notifies');
  return faults;
};

describe('a message to Telegram', () => {
  it('keeps inside the published limits and is text, whatever is told (fault 28)', () => {
    fc.assert(
      fc.property(anyAnnouncement, (told) => {
        expect(broken(messageOf({ announcement: told }).text)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    { title: `${'x'.repeat(190)}{{title}}`, text: `{{title}}${'&'.repeat(1900)}` },
    { title: '<b>{{title}}', text: '</b><i>{{title}}' },
  ])('and with templates that are long or broken', (templates) => {
    const told = announcement({ title: '<'.repeat(5000), alerts: [] });
    const url = `https://a.example/${'x'.repeat(470)}`;
    const links = { incident: url, acknowledge: url, silence: url };
    expect(
      broken(messageOf({ announcement: told, config: { ...config, ...templates }, links }).text),
    ).toEqual([]);
  });

  test.each(hostile)('shows %j as text', (name) => {
    expect(broken(messageOf({ announcement: announcement({ title: name, by: name }) }).text)).toEqual([]);
  });

  it('says what happened, offers what can be done, and carries the dedupe key', () => {
    expect(messageOf({})).toEqual({
      chat_id: -1001234567890,
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
      text: [
        '<b>🔴 [Firing, critical] home page is down</b>',
        'Deployment: web-shop',
        'Alerts: 1 firing',
        'Since: 2026-01-31 12:00:00 UTC',
        '',
        '<b>Service Down: home page</b> (critical, firing)',
        'answered 503, expected 200-299',
        'value 503, since 2026-01-31 12:00:00 UTC, <a href="https://wiki.example.com/home-page">Runbook</a>',
        '<a href="https://homeostat.example.com/#/incidents/inc-1">Open incident</a> · <a href="https://homeostat.example.com/api/v1/monitoring/act/ack.token">Acknowledge</a> · <a href="https://homeostat.example.com/api/v1/monitoring/act/silence.token">Silence</a>',
        '<code>homeostat:inc-1:1</code>',
      ].join('\n'),
    });
  });
});

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

const send = (given: Partial<Outgoing> = {}, more: Record<string, unknown> = {}) =>
  telegram.send(
    outgoing({ config: { ...config, apiUrl: `${receiver?.url}/`, ...more }, ...given }),
    portsTo(),
  );

describe('a bot of Telegram', () => {
  it('answers the first message of the incident with what follows', async () => {
    receiver = await openReceiver((_request, response, count) => {
      response.end(JSON.stringify({ ok: true, result: { message_id: 40 + count } }));
    });
    expect(await send()).toEqual({ thread: '41' });
    expect(await send({ thread: '41' }, { topicId: 7 })).toEqual({ thread: '41' });
    const [first, second] = receiver.received.map(({ body }) => JSON.parse(body) as SendMessage);
    expect(receiver.received.map(({ path }) => path)).toEqual([
      `/bot${token}/sendMessage`,
      `/bot${token}/sendMessage`,
    ]);
    expect(first?.reply_parameters).toBeUndefined();
    expect(second).toMatchObject({
      reply_parameters: { message_id: 41, allow_sending_without_reply: true },
      message_thread_id: 7,
    });
  });

  test.each([
    { status: 403, parameters: {}, isFinal: true, retryAfterSeconds: undefined },
    { status: 429, parameters: { retry_after: 35 }, isFinal: false, retryAfterSeconds: 35 },
    { status: 500, parameters: {}, isFinal: false, retryAfterSeconds: undefined },
  ])('$status: final $isFinal', async ({ status, parameters, isFinal, retryAfterSeconds }) => {
    receiver = await openReceiver((_request, response) => {
      const said = { ok: false, error_code: status, description: 'no', parameters };
      response.writeHead(status).end(JSON.stringify(said));
    });
    expect(await refusalOf(send())).toMatchObject({ isFinal, retryAfterSeconds });
  });

  test.each(['123456', '../../x:yyyyyyyyyyyyyyyy', '1:abcdefghijk/../sendPhoto', 'bot 1:abcdefghijkl'])(
    'is not asked with %j for a token, for that becomes a part of the address',
    async (wrong) => {
      receiver = await openReceiver();
      const error = await refusalOf(send({}, { token: wrong }));
      expect(error).toMatchObject({
        isFinal: true,
        message: 'the token is none of a bot, such as 123456:ABC…: set its secret anew',
      });
      expect(receiver.received).toEqual([]);
    },
  );
});
