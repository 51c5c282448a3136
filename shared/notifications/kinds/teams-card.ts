import type { Severity } from '../../platform/events.ts';
import { cut } from '../escape.ts';
import type { Rendered, RenderedAlert } from '../render.ts';
import { alertNotes } from '../render-text.ts';
import type { Outgoing } from './kind.ts';

/**
 * Teams takes 28 KB a message. The body may have 20,000 bytes; the heading, four links and the last line have at most
 * 7,000 together, a character being three bytes at most.
 */
const limits = {
  body: 20_000,
  heading: 300,
  name: 300,
  value: 300,
  reason: 500,
  line: 500,
  own: 5000,
  url: 1000,
  key: 300,
};

type Run = Readonly<Record<string, unknown>> & { readonly type: 'TextRun'; readonly text: string };
type Block = Readonly<Record<string, unknown>> & { readonly type: string };

/** Rich text, for it knows no Markdown: whatever is in a text stays text, and no name is a link. */
const block = (inlines: readonly Run[], more: Readonly<Record<string, unknown>> = {}): Block => ({
  type: 'RichTextBlock',
  ...more,
  inlines,
});
const run = (text: string, more: Readonly<Record<string, unknown>> = {}): Run => ({
  type: 'TextRun',
  // An empty run is none.
  text: text === '' ? ' ' : text,
  ...more,
});

const styles: Readonly<Record<Severity, string>> = {
  info: 'accent',
  warning: 'warning',
  error: 'warning',
  critical: 'attention',
};

/** What was rendered plainly, as an Adaptive Card of version 1.4. The dedupe key is the id of its last block. */
export const teamsCard = (rendered: Rendered, { announcement, dedupeKey }: Outgoing) => {
  const { mark, heading, word, links } = rendered;
  const title = run(cut(`${mark} ${heading}`, limits.heading), { size: 'Medium', weight: 'Bolder' });
  const actions = links
    .filter(({ url }) => url.length <= limits.url)
    .map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url }));
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      {
        type: 'Container',
        style: announcement.status === 'resolved' ? 'good' : styles[announcement.severity],
        bleed: true,
        items: [block([title])],
      },
      ...bodyOf(rendered),
      block([run(`Homeostat · ${word}`, { size: 'Small', isSubtle: true })], {
        id: cut(dedupeKey, limits.key),
      }),
    ],
    ...(actions.length > 0 && { actions }),
  };
};

const bodyOf = ({ text, facts, alerts, more, lines }: Rendered): readonly Block[] => {
  if (text !== undefined) {
    const own = cut(text, limits.own).split('\n');
    return fitting(own.map((line) => [block([run(line)], { spacing: 'Small' })]));
  }
  return fitting([
    ...facts.map(([name, value]) => [
      block([run(`${name}: `, { weight: 'Bolder' }), run(cut(value, limits.value))], { spacing: 'Small' }),
    ]),
    ...alerts.map(alertBlocks),
    ...(more === undefined ? [] : [[block([run(more)])]]),
    ...lines.map((line) => [block([run(`• ${cut(line, limits.line)}`)], { spacing: 'Small' })]),
  ]);
};

const alertBlocks = (alert: RenderedAlert): readonly Block[] => {
  const { name, severity, state, reason, runbookUrl } = alert;
  const runbook =
    runbookUrl === undefined || runbookUrl.length > limits.url
      ? []
      : [run(', '), run('Runbook', { selectAction: { type: 'Action.OpenUrl', url: runbookUrl } })];
  return [
    block([run(cut(name, limits.name), { weight: 'Bolder' }), run(` (${severity}, ${state})`)], {
      separator: true,
    }),
    block([run(cut(reason, limits.reason))], { spacing: 'None' }),
    block([run(alertNotes(alert), { isSubtle: true }), ...runbook], { spacing: 'None' }),
  ];
};

/** As many groups of blocks, in order, as there is room for; what is left out is counted. */
const fitting = (groups: readonly (readonly Block[])[]): readonly Block[] => {
  const kept: Block[] = [];
  let room = limits.body;
  for (const [index, group] of groups.entries()) {
    room -= Buffer.byteLength(JSON.stringify(group));
    if (room < 0) return [...kept, block([run(`and ${groups.length - index} more`)])];
    kept.push(...group);
  }
  return kept;
};
