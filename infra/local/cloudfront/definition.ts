import { AssemblyError, type LocalStack } from '../assembly.ts';
import { distributionArn } from '../template/attributes/delivery.ts';
import type { ResolvedResource } from '../template/resolve.ts';
import { type Forwarding, readForwarding } from './forwarding.ts';
import { type Encoding, type HeadersPolicy, readEncodings, readHeadersPolicy } from './policies.ts';
import { type List, type Loose, list, loose, text } from './shapes.ts';

/** Where a behaviour gets its answers: objects of a bucket of the stack, or the stack's HTTP API. */
export type Origin = { readonly kind: 'bucket'; readonly bucket: string } | { readonly kind: 'api' };

export type Behaviour = {
  /** `/api/*`; `*` of the default one. */
  readonly pathPattern: string;
  readonly methods: ReadonlySet<string>;
  readonly origin: Origin;
  /** What answers may be compressed with, the preferred first; empty for none. */
  readonly encodings: readonly Encoding[];
  readonly headers: HeadersPolicy | undefined;
  readonly forwarding: Forwarding;
};

/** A CloudFront distribution of the template. */
export type DistributionDefinition = {
  readonly arn: string;
  /** What `/` means, such as `index.html`. */
  readonly rootObject: string | undefined;
  /** In the order in which they are tried; the last takes everything. */
  readonly behaviours: readonly Behaviour[];
};

/** Settings that would change answers and are not hosted: left out silently they would show only in AWS. */
const unhosted = {
  distribution: ['CustomErrorResponses', 'OriginGroups'],
  behaviour: [
    'FunctionAssociations',
    'LambdaFunctionAssociations',
    'ForwardedValues',
    'TrustedKeyGroups',
    'TrustedSigners',
    'FieldLevelEncryptionId',
  ],
  origin: ['OriginPath', 'OriginCustomHeaders'],
} as const;

const refuseUnhosted = (kind: keyof typeof unhosted, settings: Loose, where: string): void => {
  for (const name of unhosted[kind]) {
    const value = settings[name];
    const items = loose(value).Items ?? value;
    const isEmpty = value === undefined || value === '' || (Array.isArray(items) && items.length === 0);
    if (!isEmpty) throw new AssemblyError(`${where}: ${name} is not hosted on one machine`);
  }
};

/** The stack's distribution; undefined when it has none. */
export const readDistribution = (local: LocalStack): DistributionDefinition | undefined => {
  const [distribution, second] = local.ofType('AWS::CloudFront::Distribution');
  if (!distribution) return undefined;
  if (second) throw new AssemblyError('the local host takes one distribution a stack');
  const { logicalId } = distribution;
  const config = loose(distribution.properties.DistributionConfig);
  // For how long an error is kept changes nothing where nothing is kept; another page in its place would.
  const replacing = list(config.CustomErrorResponses).filter(
    ({ ErrorCachingMinTTL, ErrorCode: _, ...other }) =>
      ErrorCachingMinTTL === undefined || Object.keys(other).length > 0,
  );
  refuseUnhosted('distribution', { ...config, CustomErrorResponses: replacing }, logicalId);
  const origins = new Map(
    list(config.Origins).map((origin) => [String(origin.Id), readOrigin(local, logicalId, origin)]),
  );
  const read = (settings: Loose, pathPattern: string): Behaviour =>
    readBehaviour(local, distribution, { settings, pathPattern, origins });
  const ordered: List = list(config.CacheBehaviors);
  return {
    arn: distributionArn(local.machine.accountId, local.refOf(distribution)),
    rootObject: text(config.DefaultRootObject)?.replace(/^\//, ''),
    behaviours: [
      ...ordered.map((settings) => read(settings, String(settings.PathPattern))),
      read(loose(config.DefaultCacheBehavior), '*'),
    ],
  };
};

/** ViewerProtocolPolicy is passed over: one machine has no certificate, so there is no https to redirect to. */
const readBehaviour = (
  local: LocalStack,
  { logicalId }: ResolvedResource,
  given: {
    readonly settings: Loose;
    readonly pathPattern: string;
    readonly origins: ReadonlyMap<string, Origin>;
  },
): Behaviour => {
  const { settings, pathPattern, origins } = given;
  const where = `${logicalId}, behaviour ${pathPattern}`;
  refuseUnhosted('behaviour', settings, where);
  const origin = origins.get(String(settings.TargetOriginId));
  if (!origin) throw new AssemblyError(`${where}: there is no origin ${String(settings.TargetOriginId)}`);
  const methods = settings.AllowedMethods;
  return {
    pathPattern,
    origin,
    methods: new Set(Array.isArray(methods) ? methods.map(String) : ['GET', 'HEAD']),
    encodings:
      String(settings.Compress) === 'true' ? readEncodings(local, settings.CachePolicyId, where) : [],
    headers: readHeadersPolicy(local, settings.ResponseHeadersPolicyId, where),
    forwarding: readForwarding(local, settings, where),
  };
};

const readOrigin = (local: LocalStack, logicalId: string, origin: Loose): Origin => {
  const where = `${logicalId}, origin ${String(origin.Id)}`;
  refuseUnhosted('origin', origin, where);
  const domain = String(origin.DomainName);
  const bucket = local
    .ofType('AWS::S3::Bucket')
    .find((one) =>
      ['RegionalDomainName', 'DomainName'].some((name) => local.attributeOf(one, name) === domain),
    );
  if (bucket) {
    const [control] = local
      .ofType('AWS::CloudFront::OriginAccessControl')
      .filter((one) => local.refOf(one) === origin.OriginAccessControlId);
    const { SigningBehavior } = loose(control?.properties.OriginAccessControlConfig);
    if (SigningBehavior !== 'always')
      throw new AssemblyError(
        `${where}: a bucket is read only through an origin access control that always signs`,
      );
    return { kind: 'bucket', bucket: local.refOf(bucket) };
  }
  const api = local
    .ofType('AWS::ApiGatewayV2::Api')
    .find(
      (one) =>
        domain === new URL(local.attributeOf(one, 'ApiEndpoint')).host ||
        domain.startsWith(`${local.refOf(one)}.execute-api.`),
    );
  if (api) return { kind: 'api' };
  throw new AssemblyError(`${where}: ${domain} is neither a bucket nor the HTTP API of the stack`);
};
