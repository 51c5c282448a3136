/**
 * Trigger: GET / and GET /docs on the HTTP API, for anyone.
 * Promise: the page, whole in one answer, under a policy that lets it run and load nothing else; it holds no
 * data and no token, the browser asks the API for both.
 * A duplicate or late request gets the same page.
 */
import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { safeHeaders } from '../../shared/platform/edge/http-problem.ts';
import docsStyle from '../../web/docs/docs.css' with { type: 'text' };
import docsFrame from '../../web/docs/docs.html' with { type: 'text' };
import docsScript from '../../web/docs/docs.js' with { type: 'text' };
import docsSchema from '../../web/docs/schema.js' with { type: 'text' };
import pageStyle from '../../web/page/page.css' with { type: 'text' };
import pageFrame from '../../web/page/page.html' with { type: 'text' };
import pageScript from '../../web/page/page.js' with { type: 'text' };
import theme from '../../web/theme.css' with { type: 'text' };

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');

const policyOf = (style: string, script: string): string =>
  [
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

/** A page from its parts: style and script stand in it, each by its hash the only one that may be used. */
const pageOf = (frame: string, ownStyle: string, script: string) => {
  const style = theme + ownStyle;
  // A function as replacement, for `$&` in the script must stay what it is.
  const body = frame
    .replace('</style>', () => `${style}</style>`)
    .replace('</script>', () => `${script}</script>`);
  const etag = `"${hashOf(body).slice(0, 22)}"`;
  const headers = {
    ...safeHeaders,
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': policyOf(style, script),
    'cross-origin-opener-policy': 'same-origin',
    etag,
  };
  return { body, etag, headers };
};

const firstPage = pageOf(pageFrame, pageStyle, pageScript);
// Two modules as one script: a page that may load nothing cannot import the second.
const docsPage = pageOf(
  docsFrame,
  docsStyle,
  docsSchema.replaceAll(/^export /gm, '') + docsScript.replaceAll(/^import .*;$/gm, ''),
);

export const handler = async (
  event: Pick<APIGatewayProxyEventV2, 'headers'> & Partial<Pick<APIGatewayProxyEventV2, 'routeKey'>>,
): Promise<APIGatewayProxyStructuredResultV2> => {
  const { body, etag, headers } = event.routeKey?.endsWith('/docs') ? docsPage : firstPage;
  return event.headers?.['if-none-match'] === etag
    ? { statusCode: 304, headers }
    : { statusCode: 200, headers, body };
};
