import { cut } from '../escape.ts';
import type { Rendered, RenderedAlert } from '../render.ts';
import { alertNotes } from '../render-text.ts';

/*
 * Block Kit inside Slack's published limits (https://docs.slack.dev/reference/block-kit/blocks): 50 blocks a message,
 * 150 characters a header, 3,000 a section, 2,000 each of at most 10 fields, 10 elements a context, 75 a button's text, 3,000 its URL,
 * 255 a block's id. Slack refuses the whole message that breaks one of them.
 */
const limits = {
  header: 150,
  section: 3000,
  field: 2000,
  fields: 10,
  url: 3000,
  blockId: 255,
  fallback: 3000,
};
/** Room for what stands around them: header, text, fields, alerts, `more`, context and buttons are at most 16 blocks. */
const mostLineBlocks = 20;

type Block = Readonly<Record<string, unknown>> & { readonly type: string };

/** `verbatim` keeps Slack from making links, channels and mentions out of what it finds in a text. */
const mrkdwn = (text: string, most: number = limits.section) => ({
  type: 'mrkdwn',
  text: cut(text, most),
  verbatim: true,
});
const section = (text: string): Block => ({ type: 'section', text: mrkdwn(text) });

/** What was rendered with the escape `slackText`, as a message. The dedupe key is the id of its last block of text. */
export const slackMessage = (rendered: Rendered, dedupeKey: string) => {
  const { mark, heading, text, facts, alerts, more, lines } = rendered;
  const header = {
    type: 'header',
    text: { type: 'plain_text', text: cut(`${mark} ${heading}`, limits.header), emoji: false },
  };
  const own: readonly Block[] =
    text === undefined
      ? [
          ...(facts.length === 0 ? [] : [factsBlock(facts)]),
          ...alerts.map((alert) => section(alertText(alert))),
          ...(more === undefined ? [] : [section(more)]),
          ...lineBlocks(lines),
        ]
      : [section(text)];
  const context = {
    type: 'context',
    block_id: dedupeKey.slice(0, limits.blockId),
    elements: [mrkdwn(`Homeostat · ${rendered.word}`)],
  };
  return {
    text: cut(`${mark} ${heading}`, limits.fallback),
    blocks: [header, ...own, context, ...buttons(rendered)],
  };
};

const factsBlock = (facts: Rendered['facts']): Block => ({
  type: 'section',
  fields: facts.slice(0, limits.fields).map(([name, value]) => mrkdwn(`*${name}*\n${value}`, limits.field)),
});

const alertText = (alert: RenderedAlert): string => {
  const notes = alertNotes(alert);
  const runbook = alert.runbookUrl === undefined ? '' : `\n<${linkTarget(alert.runbookUrl)}|Runbook>`;
  const head = cut(`*${alert.name}* (${alert.severity}, ${alert.state})`, 500);
  const room = limits.section - head.length - notes.length - runbook.length - 2;
  // A link cut in half would be no link; without room for it the reason is worth more.
  return room >= 200
    ? `${head}\n${cut(alert.reason, room)}\n${notes}${runbook}`
    : `${head}\n${cut(alert.reason, 2000)}\n${notes}`;
};

/** Inside `<url|text>` these four would end the URL; a URL can say each of them in another way. */
const linkTarget = (url: string): string =>
  url
    .replace(/[<>|]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('&', '&amp;');

/** As many lines a section as fit; what is beyond the last section is counted. */
const lineBlocks = (lines: readonly string[]): readonly Block[] => {
  const sections: string[] = [];
  for (const line of lines) {
    const item = `• ${cut(line, 500)}`;
    const last = sections.at(-1);
    if (last !== undefined && last.length + 1 + item.length <= limits.section) {
      sections[sections.length - 1] = `${last}\n${item}`;
    } else sections.push(item);
  }
  const shown = sections.slice(0, mostLineBlocks).map(section);
  return sections.length > mostLineBlocks ? [...shown, section('and more')] : shown;
};

const buttons = ({ links }: Rendered): readonly Block[] => {
  const elements = links
    .filter(({ url }) => url.length <= limits.url)
    .map(({ label, url, action }) => ({
      type: 'button',
      text: { type: 'plain_text', text: label },
      url,
      action_id: `homeostat-${action}`,
    }));
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
};
