import { toIso } from '../../platform/clock.ts';
import type { Severity } from '../../platform/events.ts';
import { cut, markdown } from '../escape.ts';
import { render } from '../render.ts';
import { markdownBody } from '../render-markdown.ts';
import { secretField, templateFields } from './fields.ts';
import type { ChannelKind, Outgoing } from './kind.ts';
import { requireTaken } from './taken.ts';

/**
 * Discord takes 6,000 characters in an embed altogether: 256 in a title, 4,096 in a description, 1,024 in a field, 2,048 in
 * a footer. These add up to 5,900, with eight fields of 25 more for their names.
 */
const limits = { title: 256, description: 3600, value: 200, fields: 8, footer: 200 };

const colours: Readonly<Record<Severity, number>> = {
  info: 0x2563eb,
  warning: 0xb45309,
  error: 0xc2410c,
  critical: 0xb91c1c,
};
const resolvedColour = 0x15803d;

/** A webhook of a channel of Discord. */
export const discord: ChannelKind = {
  secretFields: ['url'],
  config: (z) =>
    z.strictObject({
      url: secretField(z).meta({ description: 'The URL of a webhook; `?thread_id=` may name a thread.' }),
      ...templateFields(z),
    }),
  async send(outgoing, ports) {
    const url = waiting(String(outgoing.config.url));
    const answer = await ports.post({ url, body: JSON.stringify(discordMessage(outgoing)) });
    requireTaken(answer, 'Discord', outgoing.now);
    return {};
  },
};

/** Without it Discord says yes before it has looked, and a message that it does not keep is lost. */
const waiting = (address: string): string => {
  const url = URL.parse(address);
  url?.searchParams.set('wait', 'true');
  return url?.href ?? address;
};

export const discordMessage = (outgoing: Outgoing) => {
  const { announcement, dedupeKey } = outgoing;
  const rendered = render(outgoing, markdown);
  const { mark, heading, text, facts } = rendered;
  const description = markdownBody(rendered, limits.description);
  return {
    // Mentions nobody, whatever stands in it.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(`${mark} ${heading}`, limits.title),
        ...(description !== '' && { description }),
        color: announcement.status === 'resolved' ? resolvedColour : colours[announcement.severity],
        timestamp: toIso(announcement.at),
        // Discord refuses a field without a value.
        fields: (text === undefined ? facts : [])
          .filter(([, value]) => value !== '')
          .slice(0, limits.fields)
          .map(([name, value]) => ({ name, value: cut(value, limits.value), inline: true })),
        footer: { text: cut(dedupeKey, limits.footer) },
      },
    ],
  };
};
