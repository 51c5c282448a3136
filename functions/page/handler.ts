/**
 * Trigger: GET / on the HTTP API, for anyone.
 * Promise: the first page, whole in one answer, under a policy that lets it run and load nothing else; it holds no
 * data and no token, the browser asks the API for both.
 * A duplicate or late request gets the same page.
 */
import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { safeHeaders } from '../../shared/platform/edge/http-problem.ts';
import style from '../../web/page/page.css' with { type: 'text' };
import frame from '../../web/page/page.html' with { type: 'text' };
import script from '../../web/page/page.js' with { type: 'text' };

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');

// A function as replacement, for `$&` in the script must stay what it is.
const page = frame
  .replace('</style>', () => `${style}</style>`)
  .replace('</script>', () => `${script}</script>`);
const etag = `"${hashOf(page).slice(0, 22)}"`;

const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src 'sha256-${hashOf(script)}'`,
  `style-src 'sha256-${hashOf(style)}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headers = {
  ...safeHeaders,
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  etag,
};

export const handler = async (
  event: Pick<APIGatewayProxyEventV2, 'headers'>,
): Promise<APIGatewayProxyStructuredResultV2> =>
  event.headers?.['if-none-match'] === etag
    ? { statusCode: 304, headers }
    : { statusCode: 200, headers, body: page };
