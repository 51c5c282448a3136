import { sha256 } from '../../platform/ids.ts';
import { badgeSvg } from './badge.ts';
import { feedOf } from './feed.ts';
import type { Html } from './frame-html.ts';
import type { Remembered } from './memory.ts';
import { failedHtml, listHtml, missingHtml, monthHtml, overallNow, pageHtml } from './page-html.ts';
import type { PublicPage } from './page-model.ts';
import { isMonth, isSlug, type PublicPages } from './pages.ts';
import { summaryOf } from './summary.ts';
import { json } from './text.ts';

/** What is asked for: the last part of the route's path, and what the address says. Nothing of it is believed. */
export type Asked = {
  readonly what: 'list' | 'page' | 'history' | 'feed.xml' | 'badge.svg' | 'summary.json';
  readonly slug: string;
  readonly month?: string | undefined;
};

export type Answer = {
  readonly status: 200 | 404 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const types = {
  html: 'text/html; charset=utf-8',
  'feed.xml': 'application/rss+xml; charset=utf-8',
  'badge.svg': 'image/svg+xml; charset=utf-8',
  'summary.json': 'application/json; charset=utf-8',
} as const;

/** For half a minute anybody may keep it, and show it while the next is fetched, or cannot be. */
const cached = 'public, max-age=30, stale-while-revalidate=60, stale-if-error=600';
const shortly = 'public, max-age=30';
export const retryAfterSeconds = 30;

const htmlAnswer = ({ body, contentSecurityPolicy }: Html, status: Answer['status'] = 200): Answer => ({
  status,
  headers: {
    'content-type': types.html,
    'content-security-policy': contentSecurityPolicy,
    'cache-control': status === 200 ? cached : shortly,
    ...(status === 503 && { 'cache-control': 'no-store', 'retry-after': String(retryAfterSeconds) }),
    ...(status === 200 && { etag: etagOf(body) }),
  },
  body,
});

/** For programs on pages of others too: there is nothing in it that is not public. */
const openAnswer = (what: 'feed.xml' | 'badge.svg' | 'summary.json', body: string): Answer => ({
  status: 200,
  headers: {
    'content-type': types[what],
    'cache-control': cached,
    'access-control-allow-origin': '*',
    etag: etagOf(body),
  },
  body,
});

const etagOf = (body: string): string => `"${sha256(body).slice(0, 32)}"`;

const missing = (): Answer => htmlAnswer(missingHtml(), 404);
export const failed = (): Answer => htmlAnswer(failedHtml(), 503);

export type AnswerTools = {
  readonly pages: PublicPages;
  /** Where the pages are, without a slash at the end. */
  readonly publicUrl: string;
  readonly now: number;
};

/** Throws what the tables throw when nothing from before stands in for it. */
export const answer = async (asked: Asked, tools: AnswerTools): Promise<Answer> => {
  if (asked.what === 'list') return answerList(tools);
  if (!isSlug(asked.slug)) return missing();
  if (asked.what === 'history') return answerMonth(asked, tools);
  const read = await tools.pages.page(asked.slug);
  return read.value === undefined ? missing() : answerPage(asked.what, read.value, read, tools);
};

const answerList = async (tools: AnswerTools): Promise<Answer> => {
  const { value: published } = await tools.pages.list();
  const [only] = published;
  return only !== undefined && published.length === 1
    ? answer({ what: 'page', slug: only.slug }, tools)
    : htmlAnswer(listHtml(published));
};

const answerMonth = async ({ slug, month }: Asked, { pages }: AnswerTools): Promise<Answer> => {
  if (month !== undefined && !isMonth(month)) return missing();
  const { value, staleSince } = await pages.month(slug, month);
  return value === undefined ? missing() : htmlAnswer(monthHtml(value, staleSince !== undefined));
};

const answerPage = async (
  what: Exclude<Asked['what'], 'list' | 'history'>,
  page: PublicPage,
  { staleSince }: Remembered<unknown>,
  { publicUrl, now }: AnswerTools,
): Promise<Answer> => {
  const isStale = staleSince !== undefined;
  switch (what) {
    case 'page':
      return htmlAnswer(pageHtml(page, now, isStale));
    case 'feed.xml':
      return openAnswer(what, feedOf(page, publicUrl));
    case 'badge.svg':
      return openAnswer(what, await badgeSvg(page.face.name, overallNow(page, now, isStale).state));
    case 'summary.json':
      return openAnswer(what, json(summaryOf(page, { publicUrl, now, isStale })));
  }
};
