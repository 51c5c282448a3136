import type { CfnCachePolicy, CfnResponseHeadersPolicy } from 'aws-cdk-lib/aws-cloudfront';

/** Policies that AWS manages, the same in every account: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
export const managedPolicyIds = {
  /** Keeps what the origin allows to keep, for at least a second; knows neither cookies nor query. */
  cachingOptimized: '658327ea-f89d-4fab-a63d-7e88639e58f6',
  cachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  /** Everything the viewer sent, `Authorization` too, but the host, by which API Gateway knows the API. */
  allViewerExceptHostHeader: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
} as const;

/** What the HTTP API answers and nothing may keep. */
export const apiPaths = [
  '/api/*',
  '/v1/*',
  '/metrics',
  '/docs',
  '/openapi.json',
  '/homeostat.schema.json',
  '/event-schemas.json',
] as const;

/** What the HTTP API answers to anybody, and says for how long it may be kept. */
export const statusPath = '/status*';

/** The parameters that make another page or badge; any other makes none, and so no other entry in the cache. */
const statusQuery = ['month'];

const mostSecondsKept = 300;

/** The status pages say themselves for how long; whoever asks for one in between costs nothing. */
export const statusCachePolicy = (name: string): CfnCachePolicy.CachePolicyConfigProperty => ({
  name,
  comment: 'Homeostat: the public status pages, for as long as they say themselves',
  minTtl: 0,
  defaultTtl: 0,
  maxTtl: mostSecondsKept,
  parametersInCacheKeyAndForwardedToOrigin: {
    enableAcceptEncodingBrotli: true,
    enableAcceptEncodingGzip: true,
    cookiesConfig: { cookieBehavior: 'none' },
    headersConfig: { headerBehavior: 'none' },
    queryStringsConfig: { queryStringBehavior: 'whitelist', queryStrings: statusQuery },
  },
});

/**
 * The console runs its own scripts and styles, asks its own API, and nothing else; no markup is made of text, and no
 * policy of trusted types can be made that would.
 */
export const consoleContentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const oneYearSeconds = 31_536_000;

export const consoleHeadersPolicy = (
  name: string,
): CfnResponseHeadersPolicy.ResponseHeadersPolicyConfigProperty => ({
  name,
  comment: 'Homeostat: what the console may load and do',
  securityHeadersConfig: {
    contentSecurityPolicy: { contentSecurityPolicy: consoleContentSecurityPolicy, override: true },
    contentTypeOptions: { override: true },
    frameOptions: { frameOption: 'DENY', override: true },
    referrerPolicy: { referrerPolicy: 'no-referrer', override: true },
    strictTransportSecurity: { accessControlMaxAgeSec: oneYearSeconds, override: true },
  },
  customHeadersConfig: {
    items: [{ header: 'cross-origin-opener-policy', value: 'same-origin', override: true }],
  },
});
