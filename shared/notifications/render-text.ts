import type { Rendered, RenderedAlert } from './render.ts';

/** The facts of an alert that stand beside its name. */
export const alertNotes = ({ value, when }: Pick<RenderedAlert, 'value' | 'when'>): string =>
  [...(value === undefined ? [] : [`value ${value}`]), when].join(', ');

/** What is told without the heading: several lines of plain text. */
export const bodyText = (rendered: Rendered): string => {
  if (rendered.text !== undefined) return rendered.text;
  const { facts, alerts, more, lines } = rendered;
  const parts = [
    facts.map(([name, value]) => `${name}: ${value}`).join('\n'),
    [...alerts.map(alertText), ...(more === undefined ? [] : [more])].join('\n'),
    lines.join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
};

const alertText = (alert: RenderedAlert): string =>
  [
    `- ${alert.name} (${alert.severity}, ${alert.state})`,
    `  ${alert.reason}`,
    `  ${alertNotes(alert)}`,
    ...(alert.runbookUrl === undefined ? [] : [`  Runbook: ${alert.runbookUrl}`]),
  ].join('\n');

/** The whole of it, for what knows no markup. */
export const wholeText = (rendered: Rendered): string =>
  [
    rendered.heading,
    bodyText(rendered),
    rendered.links.map(({ label, url }) => `${label}: ${url}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
