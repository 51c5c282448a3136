/**
 * Trigger: GET /status and what lies below it on the HTTP API, for anyone.
 * Promise: the page as it was read at most half a minute ago, readable without a script and under a policy that lets none
 * run; when it cannot be read, the last one that could, which says so; with none, a page that says that we cannot see.
 * It writes nothing and asks for no token: no request can change or reveal what is not public.
 * A duplicate or late request gets what every other reader gets. It never throws.
 */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { safeHeaders } from '../../shared/platform/edge/http-problem.ts';
import { prepare, type Tools } from '../../shared/platform/edge/tools.ts';
import { type Answer, type Asked, answer, failed } from '../../shared/status-pages/public/answer.ts';
import { openPublicPages, type PublicPages } from '../../shared/status-pages/public/pages.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

type Event = Pick<APIGatewayProxyEventV2, 'routeKey' | 'headers' | 'pathParameters'> &
  Partial<Pick<APIGatewayProxyEventV2, 'queryStringParameters' | 'requestContext'>>;

const prepared = prepare(contract, { state: openTable, telemetry: openTable });
let pages: PublicPages | undefined;

const asks: Readonly<Record<string, Asked['what']>> = {
  'GET /status': 'list',
  'GET /status/{slug}': 'page',
  'GET /status/{slug}/history': 'history',
  'GET /status/{slug}/feed.xml': 'feed.xml',
  'GET /status/{slug}/badge.svg': 'badge.svg',
  'GET /status/{slug}/summary.json': 'summary.json',
};

const answerTo = async (event: Event): Promise<Answer> => {
  let log: Tools['log'] | undefined;
  try {
    const { resources, ...tools } = prepared(event.requestContext?.requestId);
    log = tools.log;
    const { clock } = tools;
    pages ??= openPublicPages({ ...resources, clock, onFault: (error) => log?.warn(stale, { error }) });
    const asked = {
      what: asks[event.routeKey] ?? 'page',
      slug: event.pathParameters?.slug ?? '',
      month: event.queryStringParameters?.month,
    };
    return await answer(asked, { pages, publicUrl: tools.setting('publicUrl'), now: clock() });
  } catch (error) {
    // Without a logger the function's own environment is broken: that must be seen too.
    (log ?? console).error('a status page could not be shown', { error: error as Error });
    return failed();
  }
};

const stale = 'a status page could not be read anew: the last one is shown';

export const handler = async (event: Event): Promise<APIGatewayProxyStructuredResultV2> => {
  const { status, headers, body } = await answerTo(event);
  const all = { ...safeHeaders, ...headers };
  return isKnown(event.headers?.['if-none-match'], headers.etag)
    ? { statusCode: 304, headers: all }
    : { statusCode: status, headers: all, body };
};

/** Whether the reader has it already. A cache on the way may have made the tag a weak one. */
const isKnown = (ifNoneMatch: string | undefined, etag: string | undefined): boolean =>
  etag !== undefined &&
  (ifNoneMatch ?? '').split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
