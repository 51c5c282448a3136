import type { PageRoute } from '../../platform/api/route.ts';
import { summarySchema } from './summary-schema.ts';

/** The public status pages, as the function `status` serves them: read by anyone, without a token or a script. */

const facts = { function: 'status', method: 'GET', scope: 'public' } as const;
const html = { status: 200, contentType: 'text/html; charset=utf-8' } as const;
const shared = 'May be cached for half a minute; answers If-None-Match.';

const listRoute: PageRoute = {
  ...facts,
  id: 'showStatus',
  path: '/status',
  summary: 'The published status page',
  description: `HTML: the only published page, or a list of them. ${shared}`,
  success: html,
};

const statusPageRoute: PageRoute = {
  ...facts,
  id: 'showStatusPage',
  path: '/status/{slug}',
  summary: 'A status page',
  description: `HTML without scripts: how the public checks of its groups stand, 90 days of each, open and past incidents, maintenance. A page that is not there, or not published, is an HTML page with the status 404. ${shared}`,
  success: html,
};

const historyRoute: PageRoute = {
  ...facts,
  id: 'showStatusHistory',
  path: '/status/{slug}/history',
  summary: 'Past incidents of a status page',
  description: `HTML: the incidents of one month, \`?month=yyyy-mm\`; of this month when left out. ${shared}`,
  success: html,
};

const feedRoute: PageRoute = {
  ...facts,
  id: 'readStatusFeed',
  path: '/status/{slug}/feed.xml',
  summary: 'What happened, as RSS',
  description: `RSS 2.0: an entry for each incident and each update of it in the last 14 days. ${shared}`,
  success: { status: 200, contentType: 'application/rss+xml; charset=utf-8' },
};

const badgeRoute: PageRoute = {
  ...facts,
  id: 'drawStatusBadge',
  path: '/status/{slug}/badge.svg',
  summary: 'How everything on the page stands, as a badge',
  description: `SVG. ${shared}`,
  success: { status: 200, contentType: 'image/svg+xml' },
};

const summaryRoute: PageRoute = {
  ...facts,
  id: 'readStatusSummary',
  path: '/status/{slug}/summary.json',
  summary: 'The page as JSON',
  description: `For programs: status, components with their uptime over 90 days, incidents of the last 14 days, maintenance. ${shared}`,
  success: { status: 200, schema: summarySchema },
};

export const publicStatusRoutes: readonly PageRoute[] = [
  listRoute,
  statusPageRoute,
  historyRoute,
  feedRoute,
  badgeRoute,
  summaryRoute,
];
