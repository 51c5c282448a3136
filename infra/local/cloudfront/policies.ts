import { AssemblyError, type LocalStack } from '../assembly.ts';
import type { HttpAnswer } from '../http/response.ts';
import { flag, type Loose, list, loose, text } from './shapes.ts';

export type Encoding = 'br' | 'gzip';

type Header = { readonly name: string; readonly value: string; readonly overrides: boolean };

/** Headers that a response headers policy adds and takes away; names in lower case. */
export type HeadersPolicy = { readonly added: readonly Header[]; readonly removed: readonly string[] };

/** What CloudFront's managed cache policies compress with; ids are the same in every account. */
const managedEncodings: Readonly<Record<string, readonly Encoding[]>> = {
  // CachingOptimized
  '658327ea-f89d-4fab-a63d-7e88639e58f6': ['br', 'gzip'],
  // CachingOptimizedForUncompressedObjects
  'b2884449-e4de-46a7-ac36-70bc7f1ddd6d': [],
  // CachingDisabled
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': [],
  // UseOriginCacheControlHeaders
  '83da9c7e-98b4-4e11-a168-04f0df8e2c65': ['br', 'gzip'],
  // UseOriginCacheControlHeaders-QueryStrings
  '4cc15a8a-d715-48a4-82b8-cc0b614638fe': ['br', 'gzip'],
};

/** CloudFront compresses with what the behaviour's cache policy tells apart, and rather with Brotli. */
export const readEncodings = (local: LocalStack, policyId: unknown, where: string): readonly Encoding[] => {
  const policy = local
    .ofType('AWS::CloudFront::CachePolicy')
    .find((resource) => local.refOf(resource) === policyId);
  if (!policy) {
    const managed = managedEncodings[String(policyId)];
    if (managed) return managed;
    throw new AssemblyError(
      `${where}: the cache policy ${String(policyId)} is not known on one machine; known are those of the template, CachingOptimized, CachingDisabled and UseOriginCacheControlHeaders`,
    );
  }
  const key = loose(loose(policy.properties.CachePolicyConfig).ParametersInCacheKeyAndForwardedToOrigin);
  return [
    ...(flag(key.EnableAcceptEncodingBrotli) ? (['br'] as const) : []),
    ...(flag(key.EnableAcceptEncodingGzip) ? (['gzip'] as const) : []),
  ];
};

export const readHeadersPolicy = (
  local: LocalStack,
  policyId: unknown,
  where: string,
): HeadersPolicy | undefined => {
  if (policyId === undefined) return undefined;
  const policy = local
    .ofType('AWS::CloudFront::ResponseHeadersPolicy')
    .find((resource) => local.refOf(resource) === policyId);
  if (!policy)
    throw new AssemblyError(
      `${where}: the response headers policy ${String(policyId)} is not in the template, and what it adds is not known on one machine`,
    );
  const config = loose(policy.properties.ResponseHeadersPolicyConfig);
  for (const name of ['CorsConfig', 'ServerTimingHeadersConfig']) {
    if (config[name] !== undefined)
      throw new AssemblyError(`${policy.logicalId}: ${name} is not hosted on one machine`);
  }
  return {
    added: [
      ...securityHeaders(loose(config.SecurityHeadersConfig)),
      ...list(loose(config.CustomHeadersConfig).Items).map(({ Header, Value, Override }) => ({
        name: String(Header).toLowerCase(),
        value: String(Value ?? ''),
        overrides: flag(Override),
      })),
    ],
    removed: list(loose(config.RemoveHeadersConfig).Items).map(({ Header }) => String(Header).toLowerCase()),
  };
};

/**
 * StrictTransportSecurity is left out: what one machine answers goes over http, where a browser must pass that header
 * over (RFC 6797, 8.1), and where it must not be sent (7.2).
 */
const securityHeaders = (config: Loose): readonly Header[] => {
  const header = (
    part: unknown,
    name: string,
    read: (settings: Loose) => string | undefined,
  ): readonly Header[] => {
    if (part === undefined) return [];
    const settings = loose(part);
    const value = read(settings);
    return value === undefined ? [] : [{ name, value, overrides: flag(settings.Override) }];
  };
  return [
    ...header(config.ContentSecurityPolicy, 'content-security-policy', (csp) =>
      text(csp.ContentSecurityPolicy),
    ),
    ...header(config.ContentTypeOptions, 'x-content-type-options', () => 'nosniff'),
    ...header(config.FrameOptions, 'x-frame-options', ({ FrameOption }) => text(FrameOption)),
    ...header(config.ReferrerPolicy, 'referrer-policy', ({ ReferrerPolicy }) => text(ReferrerPolicy)),
    ...header(config.XSSProtection, 'x-xss-protection', xssProtection),
  ];
};

const xssProtection = ({ Protection, ModeBlock, ReportUri }: Loose): string => {
  if (!flag(Protection)) return '0';
  const report = text(ReportUri);
  return ['1', ...(flag(ModeBlock) ? ['mode=block'] : []), ...(report ? [`report=${report}`] : [])].join(
    '; ',
  );
};

/** An origin's own header stays unless the policy overrides it. */
export const withPolicy = (answer: HttpAnswer, policy: HeadersPolicy | undefined): HttpAnswer => {
  if (!policy) return answer;
  const headers = { ...answer.headers };
  for (const name of policy.removed) delete headers[name];
  for (const { name, value, overrides } of policy.added) {
    if (overrides || headers[name] === undefined) headers[name] = value;
  }
  return { ...answer, headers };
};
