import { pathOf } from './frame-html.ts';
import { incidentWords } from './incident-html.ts';
import type { PublicIncident, PublicPage } from './page-model.ts';
import { text } from './text.ts';
import { monthOf } from './times.ts';

const mostItems = 100;

/** RFC 822 with a year of four digits, as RSS 2.0 asks for: what `toUTCString` gives. */
const pubDate = (at: number): string => new Date(at).toUTCString();

/** RSS 2.0: an item for each update, the first of them the incident itself; newest first. Nothing in it says when it was read. */
export const feedOf = ({ face, open, past, overall }: PublicPage, publicUrl: string): string => {
  const address = `${publicUrl}${pathOf(face)}`;
  const all = [...open, ...past]
    .flatMap((incident) => incident.updates.map((update) => ({ incident, update })))
    .sort((one, other) => other.update.at - one.update.at)
    .slice(0, mostItems);
  const newest = all[0]?.update.at;
  const linkOf = ({ id, startedAt }: PublicIncident): string =>
    `${address}/history?month=${monthOf(startedAt, face.timeZone)}#i-${id}`;
  const items = all.map(
    ({ incident, update }) => `<item>
<title>${text(`${incident.title}: ${update.state === undefined ? 'Update' : incidentWords[update.state]}`)}</title>
<link>${text(linkOf(incident))}</link>
<guid isPermaLink="false">${update.id}</guid>
<pubDate>${pubDate(update.at)}</pubDate>
<description>${text(text(update.text))}</description>
</item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${text(face.name)}</title>
<link>${text(address)}</link>
<description>${text(face.description ?? `${face.name}: ${overall.sentence}`)}</description>
<language>en</language>
<atom:link href="${text(`${address}/feed.xml`)}" rel="self" type="application/rss+xml"/>
${newest === undefined ? '' : `<lastBuildDate>${pubDate(newest)}</lastBuildDate>\n`}<ttl>5</ttl>
${items.join('\n')}
</channel>
</rss>
`;
};
