import { groupHtml } from './component-html.ts';
import { framed, type Html, mark, pathOf, plain } from './frame-html.ts';
import { incidentHtml, incidentsByDay, maintenanceHtml } from './incident-html.ts';
import {
  type ComponentGroup,
  historyDays,
  type PageFace,
  type PublicMonth,
  type PublicPage,
} from './page-model.ts';
import { cannotSee } from './states.ts';
import { text } from './text.ts';
import { clockTime, monthName, timeTag } from './times.ts';

/** What was read so long ago says nothing of how things stand now. */
const believedMs = 5 * 60_000;

/** How a page stands that was read at `readAt` and could not be read since: after five minutes nobody knows. */
export const overallNow = ({ overall, readAt }: PublicPage, now: number, isStale: boolean) =>
  isStale && now - readAt > believedMs ? cannotSee : overall;

/** The same of its systems. */
export const groupsNow = (page: PublicPage, now: number, isStale: boolean): readonly ComponentGroup[] =>
  overallNow(page, now, isStale) === cannotSee
    ? page.groups.map((group) => ({
        ...group,
        components: group.components.map((component) => ({ ...component, state: 'unknown' as const })),
      }))
    : page.groups;

const footOf = (face: PageFace, readAt: number): string => {
  const path = pathOf(face);
  return `<nav aria-label="More"><a href="${path}">Status</a><a href="${path}/history">History</a><a href="${path}/feed.xml">RSS feed</a><a href="${path}/summary.json">JSON</a><a href="${path}/badge.svg">Badge</a></nav>
<p>Updated ${timeTag(Math.floor(readAt / 60_000) * 60_000, face.timeZone)}. Times are of the time zone ${text(face.timeZone)}, days in the bars of UTC.</p>
<p>Watched by Homeostat.</p>`;
};

const staleHtml = ({ readAt, face }: PublicPage): string =>
  `<p class="stale" role="status">We cannot look at the moment. What stands here is as of ${timeTag(readAt, face.timeZone)}.</p>`;

/** The page whole. `now` counts only for one that is stale. */
export const pageHtml = (page: PublicPage, now: number, isStale: boolean): Html => {
  const { face, omitted, open, past, maintenance, readAt } = page;
  const { timeZone } = face;
  const { state, sentence } = overallNow(page, now, isStale);
  const section = (title: string, cards: readonly string[]): string =>
    cards.length === 0 ? '' : `<section>\n<h2>${title}</h2>\n${cards.join('\n')}\n</section>`;
  const running = maintenance.filter(({ isRunning }) => isRunning);
  const planned = maintenance.filter(({ isRunning }) => !isRunning);
  const main = [
    `<p class="banner ${state}">${mark(state)} <span>${sentence}</span></p>`,
    isStale ? staleHtml(page) : '',
    section('Now', [
      ...open.map((one) => incidentHtml(one, timeZone)),
      ...running.map((one) => maintenanceHtml(one, timeZone)),
    ]),
    ...groupsNow(page, now, isStale).map((group) => groupHtml(group, readAt)),
    omitted > 0 ? `<p class="soft">${omitted} more are not shown here.</p>` : '',
    section(
      'Planned maintenance',
      planned.map((one) => maintenanceHtml(one, timeZone)),
    ),
    `<section>
<h2>Past ${historyDays} days</h2>
${past.length === 0 ? `<p>No ${open.length > 0 ? 'other ' : ''}incidents in the past ${historyDays} days.</p>` : incidentsByDay(past, timeZone, 'h3')}
<p><a href="${pathOf(face)}/history">Earlier incidents</a></p>
</section>`,
  ];
  return framed(face, {
    title: `${sentence} · ${face.name}`,
    main: main.filter((part) => part !== '').join('\n'),
    foot: footOf(face, readAt),
  });
};

export const monthHtml = (month: PublicMonth, isStale: boolean): Html => {
  const { face, before, after, incidents, readAt } = month;
  const path = `${pathOf(face)}/history`;
  const link = (to: string | undefined, rel: string): string =>
    to === undefined ? '' : `<a rel="${rel}" href="${path}?month=${to}">${monthName(to)}</a>`;
  const name = monthName(month.month);
  const main = `<h2>Incidents of ${name}</h2>
${isStale ? `<p class="stale" role="status">We cannot look at the moment. What stands here is as of ${timeTag(readAt, face.timeZone, clockTime)}.</p>\n` : ''}${incidents.length === 0 ? '<p>None.</p>' : incidentsByDay(incidents, face.timeZone, 'h3')}
<nav class="pages" aria-label="Months">${link(before, 'prev')}${link(after, 'next')}<a href="${pathOf(face)}">How it stands now</a></nav>`;
  return framed(face, { title: `${name} · ${face.name}`, main, foot: footOf(face, readAt) });
};

/** Several pages are published: the reader chooses. */
export const listHtml = (faces: readonly Pick<PageFace, 'slug' | 'name' | 'description'>[]): Html =>
  faces.length === 0
    ? plain('Nothing is public', ['<p>No status page is published here.</p>'])
    : plain(
        'Status pages',
        [
          `<ul class="list">\n${faces
            .map(
              (face) =>
                `<li><h2><a href="${pathOf(face)}">${text(face.name)}</a></h2>${face.description === undefined ? '' : `<p class="soft">${text(face.description)}</p>`}</li>`,
            )
            .join('\n')}\n</ul>`,
        ],
        'index, follow',
      );

export const missingHtml = (): Html =>
  plain('There is no such page', [
    '<p>Nothing is published at this address. Perhaps it was moved, or a letter is missing.</p>',
    '<p><a href="/status">Status pages</a></p>',
  ]);

export const failedHtml = (): Html =>
  plain('The status cannot be shown at the moment', [
    '<p>We cannot read how our systems stand. That says nothing of the systems themselves. Please try again in half a minute.</p>',
  ]);
