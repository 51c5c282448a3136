import {
  CfnCachePolicy,
  CfnDistribution,
  CfnOriginAccessControl,
  CfnResponseHeadersPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { Aws, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { StackConfig } from '../config.ts';
import { ConsoleFiles } from './console-files.ts';
import {
  apiPaths,
  consoleHeadersPolicy,
  managedPolicyIds,
  statusCachePolicy,
  statusPath,
} from './console-policies.ts';

export type ConsoleProps = {
  readonly config: Pick<StackConfig, 'domain'>;
  /** Host of the HTTP API, which answers under the same address as the console. */
  readonly apiDomainName: string;
};

/** These names are the account's, of all regions: another stack in another region must not meet them. */
const ownName = `${Aws.STACK_NAME}-${Aws.REGION}`;

const origins = { files: 'files', api: 'api' } as const;
const readingMethods = ['GET', 'HEAD'];
const everyMethod = [...readingMethods, 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'];

/**
 * Whatever they say of caching, CloudFront keeps these for ten seconds unless told otherwise, and by the path alone: what
 * one client met would be the answer to every other query and token.
 */
const troubles = [500, 502, 503, 504];

const accepted: Readonly<Record<string, string>> = {
  'AwsSolutions-CFR1': 'Who is on call may be anywhere: no country is shut out.',
  'AwsSolutions-CFR2':
    'A web ACL costs more each month than the whole stack. The HTTP API behind it is throttled, everything but the status ' +
    'pages wants a token, and whoever wants WAF attaches a web ACL to the distribution.',
  'AwsSolutions-CFR3':
    'The HTTP API keeps an access log of every request that reaches it; the rest are files that anybody may have.',
};

/**
 * One address for people: the console's files from a private bucket, the API, and the status pages. The console calls the
 * API where it came from, so no other origin is ever allowed anything.
 */
export class Console extends Construct {
  /** Where the console answers; without a slash at the end. */
  readonly url: string;
  readonly files: ConsoleFiles;

  constructor(scope: Construct, { config, apiDomainName }: ConsoleProps) {
    super(scope, 'Console');
    this.files = new ConsoleFiles(this);
    const distribution = new CfnDistribution(this, 'Distribution', {
      distributionConfig: {
        comment: `${Aws.STACK_NAME}: console, API and status pages`,
        enabled: true,
        httpVersion: 'http2and3',
        ipv6Enabled: true,
        priceClass: 'PriceClass_100',
        defaultRootObject: 'index.html',
        origins: [this.#filesOrigin(), apiOrigin(apiDomainName)],
        defaultCacheBehavior: this.#filesBehaviour(),
        cacheBehaviors: [
          ...apiPaths.map((pathPattern) => ({ ...apiBehaviour, pathPattern })),
          { ...this.#statusBehaviour(), pathPattern: statusPath },
        ],
        customErrorResponses: troubles.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
        ...ownDomain(config),
      },
    });
    // Pinned: the URL that everybody uses hangs on it.
    distribution.overrideLogicalId('Distribution');
    this.#acceptFindings(distribution, config);
    this.files.openFor(distribution.ref);
    this.url = `https://${config.domain?.name ?? distribution.attrDomainName}`;
  }

  #filesOrigin(): CfnDistribution.OriginProperty {
    const access = new CfnOriginAccessControl(this, 'Access', {
      originAccessControlConfig: {
        name: ownName,
        description: 'Homeostat: the distribution reads the files of the console',
        originAccessControlOriginType: 's3',
        signingBehavior: 'always',
        signingProtocol: 'sigv4',
      },
    });
    return {
      id: origins.files,
      domainName: this.files.regionalDomainName,
      originAccessControlId: access.attrId,
      s3OriginConfig: { originAccessIdentity: '' },
    };
  }

  #filesBehaviour(): CfnDistribution.DefaultCacheBehaviorProperty {
    const headers = new CfnResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyConfig: consoleHeadersPolicy(`${ownName}-console`),
    });
    return {
      targetOriginId: origins.files,
      viewerProtocolPolicy: 'redirect-to-https',
      allowedMethods: readingMethods,
      cachedMethods: readingMethods,
      compress: true,
      cachePolicyId: managedPolicyIds.cachingOptimized,
      responseHeadersPolicyId: headers.attrId,
    };
  }

  #statusBehaviour(): CfnDistribution.DefaultCacheBehaviorProperty {
    const cache = new CfnCachePolicy(this, 'StatusCache', {
      cachePolicyConfig: statusCachePolicy(`${ownName}-status`),
    });
    return {
      targetOriginId: origins.api,
      viewerProtocolPolicy: 'redirect-to-https',
      allowedMethods: readingMethods,
      cachedMethods: readingMethods,
      compress: true,
      cachePolicyId: cache.attrId,
    };
  }

  #acceptFindings(distribution: CfnDistribution, { domain }: ConsoleProps['config']): void {
    for (const [id, reason] of Object.entries(accepted))
      Validations.of(distribution).acknowledge({ id, reason });
    if (domain) return;
    Validations.of(distribution).acknowledge({
      id: 'AwsSolutions-CFR4',
      reason:
        'With the certificate of cloudfront.net CloudFront lets nobody choose the oldest version of TLS. Give a `domain` ' +
        'with a certificate of its own, and nothing below TLS 1.2 is spoken.',
    });
  }
}

const apiOrigin = (domainName: string): CfnDistribution.OriginProperty => ({
  id: origins.api,
  domainName,
  customOriginConfig: { originProtocolPolicy: 'https-only', originSslProtocols: ['TLSv1.2'] },
});

/** A token sent in the clear would be known already when it is redirected: plain HTTP is refused. */
const apiBehaviour: CfnDistribution.DefaultCacheBehaviorProperty = {
  targetOriginId: origins.api,
  viewerProtocolPolicy: 'https-only',
  allowedMethods: everyMethod,
  cachedMethods: readingMethods,
  cachePolicyId: managedPolicyIds.cachingDisabled,
  originRequestPolicyId: managedPolicyIds.allViewerExceptHostHeader,
};

const ownDomain = ({
  domain,
}: ConsoleProps['config']): Pick<
  CfnDistribution.DistributionConfigProperty,
  'aliases' | 'viewerCertificate'
> =>
  domain
    ? {
        aliases: [domain.name],
        viewerCertificate: {
          acmCertificateArn: domain.certificateArn,
          sslSupportMethod: 'sni-only',
          minimumProtocolVersion: 'TLSv1.2_2021',
        },
      }
    : { viewerCertificate: { cloudFrontDefaultCertificate: true } };
