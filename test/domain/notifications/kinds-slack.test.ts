import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import { slackText } from '../../../shared/notifications/escape.ts';
import { NotSent, type Outgoing } from '../../../shared/notifications/kinds/kind.ts';
import { slack } from '../../../shared/notifications/kinds/slack.ts';
import { slackMessage } from '../../../shared/notifications/kinds/slack-blocks.ts';
import { render } from '../../../shared/notifications/render.ts';
import {
  alert,
  announcement,
  anyAnnouncement,
  hostile,
  outgoing,
  resolvedAnnouncement,
} from './announcements.ts';
import { openReceiver, portsTo, type Received } from './receivers.ts';

type Text = { type: string; text: string };
type Element = { type: string; text?: Text | string; url?: string; action_id?: string };
type Block = { type: string; block_id?: string; text?: Text; fields?: Text[]; elements?: Element[] };
type Message = { text: string; blocks: Block[] };

/** What breaks one of Slack's published limits: https://docs.slack.dev/reference/block-kit/blocks. */
const broken = ({ text, blocks }: Message): readonly string[] => {
  const faults: string[] = [];
  const hold = (what: string, size: number, least: number, most: number) => {
    if (size < least || size > most) faults.push(`${what}: ${size}`);
  };
  hold('blocks', blocks.length, 1, 50);
  hold('text', text.length, 1, 40_000);
  for (const block of blocks) {
    if (block.block_id !== undefined) hold('block_id', block.block_id.length, 1, 255);
    if (block.type === 'header') hold('header', block.text?.text.length ?? 0, 1, 150);
    else if (block.type === 'section') {
      if (block.fields) hold('fields', block.fields.length, 1, 10);
      else hold('section', block.text?.text.length ?? 0, 1, 3000);
      for (const field of block.fields ?? []) hold('field', field.text.length, 1, 2000);
    } else if (block.type === 'context') hold('context', block.elements?.length ?? 0, 1, 10);
    else if (block.type === 'actions') {
      hold('actions', block.elements?.length ?? 0, 1, 25);
      for (const { text: label, url, action_id } of block.elements ?? []) {
        hold('button', typeof label === 'object' ? label.text.length : 0, 1, 75);
        hold('url', url?.length ?? 0, 1, 3000);
        hold('action_id', action_id?.length ?? 0, 1, 255);
      }
    } else faults.push(`a block ${block.type}`);
  }
  const ids = blocks.flatMap(({ block_id }) => block_id ?? []);
  if (new Set(ids).size < ids.length) faults.push('the same block_id twice');
  return faults;
};

const messageOf = (given: Outgoing): Message => {
  const message = slackMessage(render(given, slackText), given.dedupeKey);
  return JSON.parse(JSON.stringify(message)) as Message;
};

/** Every text of the message that Slack reads as markup. */
const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, one]) =>
    name === 'url' || name === 'block_id' ? [] : textsOf(one),
  );
};
/** What begins something special in mrkdwn, our own links aside. */
const special = (message: Message): readonly string[] =>
  textsOf(message).flatMap((text) => [
    ...(text
      .replace(/<https?:\/\/[^<>|\s]+\|Runbook>/g, '')
      .match(/<[^\n]{0,20}|@(here|channel|everyone)\b/gi) ?? []),
  ]);

describe('a message to Slack', () => {
  it('keeps inside the published limits and mentions nobody, whatever is told (fault 28)', () => {
    fc.assert(
      fc.property(anyAnnouncement, (told) => {
        const message = messageOf(outgoing({ announcement: told }));
        expect(broken(message)).toEqual([]);
        expect(special(message)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps inside them with the longest of templates too', () => {
    const told = announcement({ title: '&'.repeat(5000), alerts: [] });
    const config = { title: `${'x'.repeat(190)}{{title}}`, text: `{{title}}${'y'.repeat(1900)}` };
    expect(broken(messageOf(outgoing({ announcement: told, config })))).toEqual([]);
  });

  test.each(hostile)('shows %j as text', (name) => {
    expect(special(messageOf(outgoing({ announcement: announcement({ title: name, by: name }) })))).toEqual(
      [],
    );
  });

  it('offers to acknowledge and to silence as links, and neither once it is over', () => {
    const buttons = (given: Outgoing) =>
      messageOf(given)
        .blocks.filter(({ type }) => type === 'actions')
        .flatMap(({ elements = [] }) => elements.map(({ url }) => url));
    expect(buttons(outgoing())).toEqual([
      'https://homeostat.example.com/#/incidents/inc-1',
      'https://homeostat.example.com/api/v1/monitoring/act/ack.token',
      'https://homeostat.example.com/api/v1/monitoring/act/silence.token',
    ]);
    expect(buttons(outgoing({ announcement: resolvedAnnouncement() }))).toEqual([
      'https://homeostat.example.com/#/incidents/inc-1',
    ]);
  });

  it('cuts a long reason, not what stands behind it', () => {
    const told = announcement({ alerts: [alert({ reason: '<'.repeat(5000) })] });
    const sections = messageOf(outgoing({ announcement: told })).blocks.flatMap(
      ({ text }) => text?.text ?? [],
    );
    expect(sections.at(-1)).toMatch(
      /(&lt;){100}…\nvalue 503, since [^\n]*\n<https:\/\/wiki\.example\.com\/home-page\|Runbook>$/,
    );
  });

  it('carries the dedupe key', () => {
    expect(messageOf(outgoing()).blocks.map(({ block_id }) => block_id)).toContain('homeostat:inc-1:1');
  });
});

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

const refusalOf = async (sending: Promise<unknown>): Promise<NotSent> => {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NotSent)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

describe('an incoming webhook', () => {
  it('is posted the message as JSON', async () => {
    receiver = await openReceiver();
    await slack.send(outgoing({ config: { url: `${receiver.url}/services/T0/B0/x` } }), portsTo());
    const [{ method, path, headers, body } = { body: '' } as Received] = receiver.received;
    expect({ method, path, type: headers['content-type'] }).toEqual({
      method: 'POST',
      path: '/services/T0/B0/x',
      type: 'application/json; charset=utf-8',
    });
    expect((JSON.parse(body) as Message).text).toBe('🔴 [Firing, critical] home page is down');
  });

  test.each([
    { status: 403, body: 'action_prohibited', isFinal: true, said: 'Slack answered 403: action_prohibited' },
    { status: 404, body: 'no_service', isFinal: true, said: 'Slack answered 404: no_service' },
    { status: 500, body: 'rollup_error', isFinal: false, said: 'Slack answered 500: rollup_error' },
  ])('$status $body: final $isFinal', async ({ status, body, isFinal, said }) => {
    receiver = await openReceiver((_request, response) => void response.writeHead(status).end(body));
    const error = await refusalOf(slack.send(outgoing({ config: { url: receiver.url } }), portsTo()));
    expect(error).toMatchObject({ message: said, isFinal, retryAfterSeconds: undefined });
  });

  it('comes again when Slack says to', async () => {
    receiver = await openReceiver((_request, response) => {
      response.writeHead(429, { 'retry-after': '30' }).end('rate_limited');
    });
    const error = await refusalOf(slack.send(outgoing({ config: { url: receiver.url } }), portsTo()));
    expect(error).toMatchObject({ isFinal: false, retryAfterSeconds: 30 });
  });
});

describe('a bot', () => {
  const bot = () => ({ token: 'xoxb-1', channel: '#ops', apiUrl: `${receiver?.url}/api/` });
  /** Slack, as far as its answers are documented. */
  const openSlack = async (refusals: Readonly<Record<string, string>> = {}) => {
    receiver = await openReceiver((request, response, count) => {
      const error = refusals[`${count}`];
      const body = JSON.parse(request.body) as { thread_ts?: string };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify(
          error
            ? { ok: false, error }
            : { ok: true, channel: 'C024BE91L', ts: body.thread_ts ? '2.0' : '1.5' },
        ),
      );
    });
    return receiver;
  };
  const calls = () =>
    (receiver?.received ?? []).map(({ path, body, headers }) => {
      const { channel, ts, thread_ts, reply_broadcast } = JSON.parse(body) as Record<string, unknown>;
      expect(headers.authorization).toBe('Bearer xoxb-1');
      return { path, channel, ts, thread_ts, reply_broadcast };
    });

  it('begins a thread, and goes on in it', async () => {
    await openSlack();
    const sent = await slack.send(outgoing({ config: bot() }), portsTo());
    expect(sent).toEqual({ thread: 'C024BE91L:1.5' });
    const { thread } = sent;
    const told = announcement({ kind: 'reminder', no: 2 });
    const reminder = outgoing({ announcement: told, config: bot(), thread });
    expect(await slack.send(reminder, portsTo())).toEqual({ thread: 'C024BE91L:1.5' });
    expect(calls()).toEqual([
      { path: '/api/chat.postMessage', channel: '#ops' },
      { path: '/api/chat.postMessage', channel: 'C024BE91L', thread_ts: '1.5', reply_broadcast: false },
    ]);
  });

  it('tells a resolution in the thread and the channel, and has the first message say so', async () => {
    await openSlack();
    const told = outgoing({ announcement: resolvedAnnouncement(), config: bot(), thread: 'C024BE91L:1.5' });
    await slack.send(told, portsTo());
    expect(calls()).toEqual([
      { path: '/api/chat.update', channel: 'C024BE91L', ts: '1.5' },
      { path: '/api/chat.postMessage', channel: 'C024BE91L', thread_ts: '1.5', reply_broadcast: true },
    ]);
  });

  it('tells a resolution although the first message was deleted', async () => {
    await openSlack({ 1: 'message_not_found', 2: 'thread_not_found' });
    const told = outgoing({ announcement: resolvedAnnouncement(), config: bot(), thread: 'C024BE91L:1.5' });
    expect(await slack.send(told, portsTo())).toEqual({ thread: 'C024BE91L:1.5' });
    expect(calls().at(-1)).toEqual({ path: '/api/chat.postMessage', channel: '#ops' });
  });

  it('writes nothing into the thread while the first message cannot be changed for now', async () => {
    await openSlack({ 1: 'ratelimited' });
    const told = outgoing({ announcement: resolvedAnnouncement(), config: bot(), thread: 'C024BE91L:1.5' });
    expect(await refusalOf(slack.send(told, portsTo()))).toMatchObject({ isFinal: false });
    expect(calls()).toHaveLength(1);
  });

  test.each([
    { code: 'channel_not_found', isFinal: true },
    { code: 'invalid_auth', isFinal: true },
    { code: 'internal_error', isFinal: false },
    { code: 'ratelimited', isFinal: false },
  ])('is refused with $code: final $isFinal', async ({ code, isFinal }) => {
    await openSlack({ 1: code });
    const error = await refusalOf(slack.send(outgoing({ config: bot() }), portsTo()));
    expect(error).toMatchObject({ message: `Slack refused it: ${code}`, isFinal });
  });
});
