import type { IncomingMessage } from 'node:http';
import { AssemblyError, type LocalStack } from '../assembly.ts';
import { loose } from './shapes.ts';

/** What of a viewer's request reaches the API. */
export type Forwarding =
  | 'everything'
  | {
      /** Names of query parameters. */
      readonly query: ReadonlySet<string> | 'all';
      /** Of `removedUnlessNamed`, those that are forwarded, in lower case. */
      readonly headers: ReadonlySet<string>;
      readonly hasCookies: boolean;
    };

/** Managed origin request policies that keep whatever the viewer sent, all but the host perhaps. */
const everything = [
  // AllViewerExceptHostHeader
  'b689b0a8-53d0-40ab-baf2-68738e2966ac',
  // AllViewer
  '216adef6-5c7f-47e4-b989-5492eafa07d3',
];

/** Headers of a request that CloudFront takes out, or puts its own in place of, where no policy names them. */
const removedUnlessNamed = [
  'accept',
  'accept-charset',
  'accept-language',
  'authorization',
  'referer',
  'user-agent',
] as const;

const none: Forwarding = { query: new Set(), headers: new Set(), hasCookies: false };

const names = (config: unknown, items: string): ReadonlySet<string> =>
  new Set(((loose(config)[items] ?? []) as readonly unknown[]).map(String));

/** Without an origin request policy only what is in the cache key is forwarded. */
export const readForwarding = (
  local: LocalStack,
  { CachePolicyId, OriginRequestPolicyId }: Readonly<Record<string, unknown>>,
  where: string,
): Forwarding => {
  if (OriginRequestPolicyId !== undefined) {
    if (everything.includes(String(OriginRequestPolicyId))) return 'everything';
    throw new AssemblyError(
      `${where}: the origin request policy ${String(OriginRequestPolicyId)} is not known on one machine; known are AllViewer and AllViewerExceptHostHeader`,
    );
  }
  const policy = local
    .ofType('AWS::CloudFront::CachePolicy')
    .find((resource) => local.refOf(resource) === CachePolicyId);
  if (!policy) return none;
  const key = loose(loose(policy.properties.CachePolicyConfig).ParametersInCacheKeyAndForwardedToOrigin);
  const behaviourOf = (config: string, name: string, known: readonly string[]): string => {
    const value = String(loose(key[config])[name] ?? 'none');
    if (known.includes(value)) return value;
    throw new AssemblyError(`${policy.logicalId}: ${name} ${value} is not hosted on one machine`);
  };
  const query = behaviourOf('QueryStringsConfig', 'QueryStringBehavior', ['none', 'whitelist', 'all']);
  behaviourOf('HeadersConfig', 'HeaderBehavior', ['none', 'whitelist']);
  return {
    query: query === 'all' ? 'all' : names(key.QueryStringsConfig, 'QueryStrings'),
    headers: new Set([...names(key.HeadersConfig, 'Headers')].map((name) => name.toLowerCase())),
    hasCookies: behaviourOf('CookiesConfig', 'CookieBehavior', ['none', 'all']) === 'all',
  };
};

/** Takes out of the request what is not forwarded: a page must not come to need what it does not get in AWS. */
export const forward = (request: IncomingMessage, forwarding: Forwarding): void => {
  if (forwarding === 'everything') return;
  const [path = '/', query = ''] = splitAtFirst(request.url ?? '/', '?');
  const kept = keptQuery(query, forwarding.query);
  request.url = kept === '' ? path : `${path}?${kept}`;
  const removed = new Set<string>(removedUnlessNamed.filter((name) => !forwarding.headers.has(name)));
  if (!forwarding.hasCookies) removed.add('cookie');
  for (const name of removed) delete request.headers[name];
  request.rawHeaders = request.rawHeaders.filter(
    (_, at, all) => !removed.has((all[at - (at % 2)] ?? '').toLowerCase()),
  );
};

/** Parameters stay letter for letter as they came. */
const keptQuery = (query: string, wanted: ReadonlySet<string> | 'all'): string =>
  wanted === 'all'
    ? query
    : query
        .split('&')
        .filter((pair) => [...new URLSearchParams(pair).keys()].some((name) => wanted.has(name)))
        .join('&');

const splitAtFirst = (text: string, separator: string): readonly string[] => {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};
