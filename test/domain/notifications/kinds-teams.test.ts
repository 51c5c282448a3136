import { createRequire } from 'node:module';
import type * as AdaptiveCards from 'adaptivecards';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import { teams, teamsMessage } from '../../../shared/notifications/kinds/teams.ts';
import { announcement, anyAnnouncement, hostile, outgoing, resolvedAnnouncement } from './announcements.ts';
import { openReceiver, portsTo, refusalOf } from './receivers.ts';

// Its other build is made for bundlers.
const { AdaptiveCard, SerializationContext, Versions } = createRequire(import.meta.url)(
  'adaptivecards/dist/adaptivecards.js',
) as typeof AdaptiveCards;

type Message = ReturnType<typeof teamsMessage>;

/** What Microsoft's own parser of Adaptive Cards says against a card of version 1.4. */
const faultsOf = (card: unknown): readonly string[] => {
  const context = new SerializationContext(Versions.v1_4);
  const parsed = new AdaptiveCard();
  parsed.parse(card, context);
  const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  return [...events, ...parsed.validateProperties().validationEvents.map(({ message }) => message)];
};
/**
 * 28 KB: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook. Six
 * buttons: https://learn.microsoft.com/adaptive-cards/rendering-cards/host-config.
 */
const broken = (message: Message): readonly string[] => {
  const bytes = Buffer.byteLength(JSON.stringify(message));
  const [{ content } = { content: { actions: [] } }] = message.attachments;
  return [
    ...faultsOf(content),
    ...(bytes > 28 * 1024 ? [`${bytes} bytes`] : []),
    ...((content.actions?.length ?? 0) > 6 ? ['more than six buttons'] : []),
  ];
};

/** Types of all that stands in a card: those that know Markdown are TextBlock and FactSet. */
const typesIn = (value: unknown): readonly string[] => {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, held]) =>
    name === 'type' && typeof held === 'string' ? [held] : typesIn(held),
  );
};
const cardOf = (given = outgoing()) => teamsMessage(given).attachments[0]?.content;
const textIn = (value: unknown): string => {
  if (value === null || typeof value !== 'object') return '';
  return Object.entries(value)
    .map(([name, held]) => (name === 'text' && typeof held === 'string' ? `${held}\n` : textIn(held)))
    .join('');
};

describe('a message to Teams', () => {
  it('is a sound Adaptive Card inside the published limits, whatever is told (fault 28)', () => {
    fc.assert(
      fc.property(anyAnnouncement, (told) => {
        expect(broken(teamsMessage(outgoing({ announcement: told })))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps inside them with the longest of templates and of links too', () => {
    const told = announcement({ title: '漢'.repeat(5000), alerts: [] });
    const url = `https://a.example/${'x'.repeat(980)}`;
    const given = outgoing({
      announcement: told,
      config: { title: `${'"'.repeat(190)}{{title}}`, text: `{{title}}\n\n${'"'.repeat(1900)}` },
      links: { incident: url, acknowledge: url, silence: url },
    });
    expect(broken(teamsMessage(given))).toEqual([]);
  });

  it('the parser tells what is wrong with a card', () => {
    expect(
      faultsOf({ ...cardOf(), body: [{ type: 'RichText' }, { type: 'TextBlock', color: 'Pink' }] }),
    ).toEqual(
      expect.arrayContaining([
        'Unknown element type "RichText". Fallback will be used if present.',
        'Invalid value "Pink" for property "color".',
      ]),
    );
  });

  test.each(hostile)('shows %j as text: nothing in the card knows Markdown', (name) => {
    const given = outgoing({ announcement: announcement({ title: name, by: name }) });
    expect(new Set(typesIn(cardOf(given)))).toEqual(
      new Set(['AdaptiveCard', 'Container', 'RichTextBlock', 'TextRun', 'Action.OpenUrl']),
    );
  });

  it('says what happened, and offers what can be done', () => {
    const card = cardOf();
    expect(textIn(card).replace(/: \n/g, ': ').split('\n')).toEqual(
      expect.arrayContaining([
        '🔴 [Firing, critical] home page is down',
        'Deployment: web-shop',
        'Service Down: home page',
        'answered 503, expected 200-299',
        'Runbook',
      ]),
    );
    expect(card?.actions?.map(({ title }) => title)).toEqual(['Open incident', 'Acknowledge', 'Silence']);
    expect(card?.body.at(-1)).toMatchObject({ id: 'homeostat:inc-1:1' });
  });

  it('says how long it was down', () => {
    const text = textIn(cardOf(outgoing({ announcement: resolvedAnnouncement() })));
    expect(text).toContain('✅ [Resolved, critical] home page is down');
    expect(text).toContain('12 min 30 s');
  });
});

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

describe('a workflow', () => {
  it('is posted the message as JSON', async () => {
    receiver = await openReceiver((_request, response) => void response.writeHead(202).end());
    const path = '/workflows/0af/triggers/manual/paths/invoke?api-version=2016-06-01&sig=x';
    await teams.send(outgoing({ config: { url: `${receiver.url}${path}` } }), portsTo());
    const [received] = receiver.received;
    expect(received).toMatchObject({ method: 'POST', path });
    expect(received?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(received?.body ?? '')).toMatchObject({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { version: '1.4' } }],
    });
  });

  test.each([
    { status: 401, headers: {}, isFinal: true, retryAfterSeconds: undefined },
    { status: 429, headers: { 'retry-after': '90' }, isFinal: false, retryAfterSeconds: 90 },
    { status: 502, headers: {}, isFinal: false, retryAfterSeconds: undefined },
  ])('$status: final $isFinal', async ({ status, headers, isFinal, retryAfterSeconds }) => {
    receiver = await openReceiver((_request, response) => void response.writeHead(status, headers).end('no'));
    const sending = teams.send(outgoing({ config: { url: receiver.url } }), portsTo());
    expect(await refusalOf(sending)).toMatchObject({
      message: `Teams answered ${status}: no`,
      isFinal,
      retryAfterSeconds,
    });
  });
});
