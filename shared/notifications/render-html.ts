import { html } from './escape.ts';
import type { Rendered, RenderedAlert } from './render.ts';
import { alertNotes } from './render-text.ts';

const colours: Readonly<Record<string, string>> = {
  info: '#2563eb',
  warning: '#b45309',
  error: '#c2410c',
  critical: '#b91c1c',
};
const resolvedColour = '#15803d';

/** What was rendered with the escape `html`, as a document: mail programs know neither style sheets nor scripts. */
export const htmlDocument = (rendered: Rendered, severity: string, isResolved: boolean): string => {
  const colour = isResolved ? resolvedColour : (colours[severity] ?? '#374151');
  const { heading, text, facts, alerts, more, lines, links } = rendered;
  const body =
    text === undefined
      ? [
          facts.length === 0 ? '' : `<table cellpadding="2">${facts.map(rowOf).join('')}</table>`,
          alerts.length === 0 ? '' : `<ul>${alerts.map(alertOf).join('')}</ul>`,
          more === undefined ? '' : `<p>${more}</p>`,
          lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${line}</li>`).join('')}</ul>`,
        ].join('\n')
      : `<p>${text.replaceAll('\n', '<br>')}</p>`;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"></head>',
    '<body style="font-family:sans-serif;color:#111827">',
    `<h2 style="border-left:6px solid ${colour};padding-left:10px">${heading}</h2>`,
    body,
    links.length === 0 ? '' : `<p>${links.map(linkOf).join(' &middot; ')}</p>`,
    '</body></html>',
  ].join('\n');
};

const rowOf = ([name, value]: readonly [string, string]): string =>
  `<tr><td><b>${name}</b></td><td>${value}</td></tr>`;

const alertOf = (alert: RenderedAlert): string =>
  `<li><b>${alert.name}</b> (${alert.severity}, ${alert.state})<br>${alert.reason}<br><small>${alertNotes(alert)}</small>${
    alert.runbookUrl === undefined ? '' : `<br><a href="${html(alert.runbookUrl)}">Runbook</a>`
  }</li>`;

const linkOf = ({ label, url }: Rendered['links'][number]): string => `<a href="${html(url)}">${label}</a>`;
