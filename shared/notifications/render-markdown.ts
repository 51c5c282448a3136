import { cut } from './escape.ts';
import { fitted } from './fit.ts';
import type { Rendered, RenderedAlert } from './render.ts';
import { alertNotes } from './render-text.ts';

/** So long may one thing be, that others have room as well. */
const most = { name: 300, reason: 500, line: 500, url: 600 };

/** What was rendered with the escape `markdown`, without heading and facts; at most so many UTF-16 units. */
export const markdownBody = (rendered: Rendered, mostCharacters: number): string => {
  const { text, alerts, more, lines } = rendered;
  const links = rendered.links
    .filter(({ url }) => url.length <= most.url)
    .map(({ label, url }) => `[${label}](${linkTarget(url)})`)
    .join(' · ');
  const room = mostCharacters - links.length - 2;
  const parts = [
    ...alerts.map(alertText),
    ...(more === undefined ? [] : [more]),
    ...lines.map((line) => `- ${cut(line, most.line)}`),
  ];
  const body = text === undefined ? fitted(parts, room) : cut(text, room);
  return [body, links].filter((part) => part !== '').join('\n\n');
};

const alertText = (alert: RenderedAlert): string => {
  const { name, severity, state, reason, runbookUrl } = alert;
  const runbook =
    runbookUrl === undefined || runbookUrl.length > most.url ? '' : `, [Runbook](${linkTarget(runbookUrl)})`;
  return [
    `- **${cut(name, most.name)}** (${severity}, ${state})`,
    ...(reason === '' ? [] : [`  ${cut(reason, most.reason)}`]),
    `  ${alertNotes(alert)}${runbook}`,
  ].join('\n');
};

/** Signs that would end a link or be taken for markup, as a URL can say them in another way. */
const linkTarget = (url: string): string =>
  url.replace(/[()<>[\]\\*_`~|]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
