/**
 * Trigger: GET /docs and GET / on the HTTP API, for anyone.
 * Promise: at /docs the page that shows the API, whole in one answer, under a policy that lets it run and load nothing
 * else; it holds no data and no token, the browser asks the API for its description. At / the way to the console.
 * A duplicate or late request gets the same answer.
 */
import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { safeHeaders } from '../../shared/platform/edge/http-problem.ts';
import { processEnvironment, settingFrom } from '../../shared/platform/environment.ts';
import tokens from '../../web/design/tokens.css' with { type: 'text' };
import docsStyle from '../../web/docs/docs.css' with { type: 'text' };
import docsFrame from '../../web/docs/docs.html' with { type: 'text' };
import docsScript from '../../web/docs/docs.js' with { type: 'text' };
import docsFrameStyle from '../../web/docs/frame.css' with { type: 'text' };
import docsSchema from '../../web/docs/schema.js' with { type: 'text' };

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
  const style = tokens + ownStyle;
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

// Two modules as one script: a page that may load nothing cannot import the second.
const docsPage = pageOf(
  docsFrame,
  docsFrameStyle + docsStyle,
  docsSchema.replaceAll(/^export /gm, '') + docsScript.replaceAll(/^import .*;$/gm, ''),
);

/** `no-store`: where the console answers may change with the next deployment. */
const toConsole = (): APIGatewayProxyStructuredResultV2 => ({
  statusCode: 302,
  headers: { ...safeHeaders, location: `${settingFrom(processEnvironment(), 'consoleUrl')}/` },
});

export const handler = async (
  event: Pick<APIGatewayProxyEventV2, 'headers'> & Partial<Pick<APIGatewayProxyEventV2, 'routeKey'>>,
): Promise<APIGatewayProxyStructuredResultV2> => {
  if (!event.routeKey?.endsWith('/docs')) return toConsole();
  const { body, etag, headers } = docsPage;
  return event.headers?.['if-none-match'] === etag
    ? { statusCode: 304, headers }
    : { statusCode: 200, headers, body };
};
