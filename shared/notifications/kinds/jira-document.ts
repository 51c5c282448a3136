import { cut } from '../escape.ts';
import type { Rendered, RenderedAlert } from '../render.ts';
import { alertNotes } from '../render-text.ts';

/** Jira takes 32,767 characters of a description; a page says all that anybody reads. */
const limits = { text: 20_000, name: 300, value: 300, reason: 1000, line: 500, own: 10_000, url: 1000 };

type Mark =
  | { readonly type: 'strong' }
  | { readonly type: 'link'; readonly attrs: { readonly href: string } };
type Inline =
  | { readonly type: 'text'; readonly text: string; readonly marks?: readonly Mark[] }
  | { readonly type: 'hardBreak' };
type Paragraph = { readonly type: 'paragraph'; readonly content: readonly Inline[] };

/** An empty text is refused. */
const text = (value: string, ...marks: readonly Mark[]): readonly Inline[] =>
  value === '' ? [] : [{ type: 'text', text: value, ...(marks.length > 0 && { marks }) }];
const link = (label: string, href: string): readonly Inline[] =>
  text(label, { type: 'link', attrs: { href } });
const linesOf = (lines: readonly (readonly Inline[])[]): readonly Inline[] =>
  lines.flatMap((line, index) => (index === 0 ? line : [{ type: 'hardBreak' as const }, ...line]));

/** What was rendered plainly, in Atlassian's document format: text in it is never markup. */
export const jiraDocument = (rendered: Rendered, severity: string, notes: readonly string[]) => {
  const { mark, word, links } = rendered;
  const head = text(`${mark} ${word}, ${severity}`, { type: 'strong' });
  const shown = links.filter(({ url }) => url.length <= limits.url).map(({ label, url }) => link(label, url));
  const paragraphs = [
    head,
    ...bodyOf(rendered),
    linesOf(shown),
    ...notes.map((note) => text(cut(note, limits.line))),
  ];
  return {
    type: 'doc' as const,
    version: 1,
    content: paragraphs
      .filter((content) => content.length > 0)
      .map((content): Paragraph => ({ type: 'paragraph', content })),
  };
};

const bodyOf = ({ text: own, facts, alerts, more, lines }: Rendered): readonly (readonly Inline[])[] => {
  if (own !== undefined)
    return [
      linesOf(
        cut(own, limits.own)
          .split('\n')
          .map((line) => text(line)),
      ),
    ];
  return fitting([
    linesOf(facts.map(([name, value]) => text(`${name}: ${cut(value, limits.value)}`))),
    ...alerts.map(alertLines),
    ...(more === undefined ? [] : [text(more)]),
    ...lines.map((line) => text(`• ${cut(line, limits.line)}`)),
  ]);
};

const alertLines = (alert: RenderedAlert): readonly Inline[] => {
  const { name, severity, state, reason, runbookUrl } = alert;
  return linesOf([
    [...text(cut(name, limits.name), { type: 'strong' }), ...text(` (${severity}, ${state})`)],
    text(cut(reason, limits.reason)),
    text(alertNotes(alert)),
    ...(runbookUrl === undefined || runbookUrl.length > limits.url ? [] : [link('Runbook', runbookUrl)]),
  ]);
};

const fitting = (paragraphs: readonly (readonly Inline[])[]): readonly (readonly Inline[])[] => {
  let room = limits.text;
  const first = paragraphs.findIndex((content) => {
    room -= JSON.stringify(content).length;
    return room < 0;
  });
  if (first < 0) return paragraphs;
  return [...paragraphs.slice(0, first), text(`and ${paragraphs.length - first} more`)];
};
