import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import type { Host } from '../../../infra/local/host.ts';
import { fillerCode } from './filler-code.ts';
import { type SmallStack, writeSmallStack } from './small-stack.ts';

/** The small stack behind a distribution, with a bucket that a custom resource fills: as CloudFormation documents them. */

const ref = (logicalId: string) => ({ Ref: logicalId });
const get = (logicalId: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [logicalId, attribute] });
const joined = (...parts: unknown[]) => ({ 'Fn::Join': ['', parts] });

export type File = { readonly body: string; readonly type: string; readonly cacheControl?: string };

/** About what a built console has; the script is large enough to be compressed. */
export const files: Readonly<Record<string, File>> = {
  'index.html': {
    body: '<!doctype html><title>console</title>',
    type: 'text/html; charset=utf-8',
    cacheControl: 'no-cache',
  },
  'assets/app.js': {
    body: 'console.log("homeostat");'.repeat(100),
    type: 'text/javascript',
    cacheControl: 'public, max-age=31536000, immutable',
  },
  'assets/logo.png': { body: 'x'.repeat(3000), type: 'image/png' },
};

const fillerResources = {
  FillerRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      },
      Policies: [
        {
          PolicyName: 'Own',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Sid: 'Put',
                Effect: 'Allow',
                Action: ['s3:PutObject', 's3:DeleteObject'],
                Resource: joined(get('Files'), '/*'),
              },
              { Sid: 'List', Effect: 'Allow', Action: 's3:ListBucket', Resource: get('Files') },
              {
                Sid: 'OwnLogs',
                Effect: 'Allow',
                Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
                Resource: get('Logs'),
              },
            ],
          },
        },
      ],
    },
  },
  Filler: {
    Type: 'AWS::Lambda::Function',
    Metadata: { 'aws:asset:path': 'filler' },
    Properties: {
      Handler: 'index.handler',
      Role: get('FillerRole'),
      Timeout: 5,
      MemorySize: 256,
      LoggingConfig: { LogGroup: ref('Logs') },
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'filler' } },
    },
  },
};

const bucketResources = {
  Files: { Type: 'AWS::S3::Bucket', Properties: {} },
  FilesPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: ref('Files'),
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'DistributionReads',
            Effect: 'Allow',
            Principal: { Service: 'cloudfront.amazonaws.com' },
            Action: 's3:GetObject',
            Resource: joined(get('Files'), '/*'),
            Condition: {
              StringEquals: {
                'AWS:SourceArn': joined(
                  'arn:aws:cloudfront::',
                  ref('AWS::AccountId'),
                  ':distribution/',
                  ref('Distribution'),
                ),
              },
            },
          },
        ],
      },
    },
  },
};

const toApi = (PathPattern: string, more: object = {}) => ({
  PathPattern,
  TargetOriginId: 'api',
  ViewerProtocolPolicy: 'https-only',
  AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
  Compress: true,
  CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
  ...more,
});

const distributionResources = {
  Access: {
    Type: 'AWS::CloudFront::OriginAccessControl',
    Properties: {
      OriginAccessControlConfig: {
        Name: 'small',
        OriginAccessControlOriginType: 's3',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    },
  },
  Kept: {
    Type: 'AWS::CloudFront::CachePolicy',
    Properties: {
      CachePolicyConfig: {
        Name: 'small',
        MinTTL: 0,
        DefaultTTL: 0,
        MaxTTL: 300,
        ParametersInCacheKeyAndForwardedToOrigin: {
          EnableAcceptEncodingBrotli: true,
          EnableAcceptEncodingGzip: true,
          CookiesConfig: { CookieBehavior: 'none' },
          HeadersConfig: { HeaderBehavior: 'none' },
          QueryStringsConfig: { QueryStringBehavior: 'whitelist', QueryStrings: ['month'] },
        },
      },
    },
  },
  Headers: {
    Type: 'AWS::CloudFront::ResponseHeadersPolicy',
    Properties: {
      ResponseHeadersPolicyConfig: {
        Name: 'small',
        SecurityHeadersConfig: {
          ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'", Override: true },
          ContentTypeOptions: { Override: true },
          FrameOptions: { FrameOption: 'DENY', Override: true },
          ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 31536000, Override: true },
        },
        CustomHeadersConfig: {
          Items: [
            { Header: 'Cross-Origin-Opener-Policy', Value: 'same-origin', Override: true },
            { Header: 'Cache-Control', Value: 'max-age=60', Override: false },
          ],
        },
        RemoveHeadersConfig: { Items: [{ Header: 'Last-Modified' }] },
      },
    },
  },
  Distribution: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Enabled: true,
        DefaultRootObject: 'index.html',
        Origins: [
          {
            Id: 'files',
            DomainName: get('Files', 'RegionalDomainName'),
            OriginAccessControlId: get('Access', 'Id'),
            S3OriginConfig: { OriginAccessIdentity: '' },
          },
          {
            Id: 'api',
            DomainName: joined(ref('Api'), '.execute-api.', ref('AWS::Region'), '.', ref('AWS::URLSuffix')),
            CustomOriginConfig: { OriginProtocolPolicy: 'https-only' },
          },
        ],
        DefaultCacheBehavior: {
          TargetOriginId: 'files',
          ViewerProtocolPolicy: 'redirect-to-https',
          AllowedMethods: ['GET', 'HEAD'],
          Compress: true,
          CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
          ResponseHeadersPolicyId: ref('Headers'),
        },
        CacheBehaviors: [
          toApi('/open/kept*', {
            AllowedMethods: ['GET', 'HEAD'],
            CachePolicyId: ref('Kept'),
            OriginRequestPolicyId: undefined,
          }),
          toApi('/open/*'),
          toApi('all/?'),
          toApi('/guarded'),
        ],
      },
    },
  },
  Filled: {
    Type: 'Custom::Files',
    Properties: {
      ServiceToken: get('Filler'),
      ServiceTimeout: 600,
      BucketName: ref('Files'),
      Files: files,
    },
  },
};

/** What the stack wants of the custom resource, changed. */
export const wanting =
  (properties: Readonly<Record<string, unknown>>) =>
  ({ Resources }: RawTemplate): void => {
    Object.assign(Resources.Filled?.Properties ?? {}, properties);
  };

export const writeConsoleStack = (): SmallStack => {
  const stack = writeSmallStack(({ Resources }) => {
    Object.assign(Resources, bucketResources, distributionResources, fillerResources);
    const { Variables } = (Resources.Worker?.Properties?.Environment ?? {}) as Record<string, object>;
    Object.assign(Variables ?? {}, {
      JOINED: joined('https://', get('Distribution', 'DomainName'), '/#/incidents'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is CloudFormation that fills it in.
      SUBSTITUTED: { 'Fn::Sub': 'at https://${Distribution.DomainName}.' },
      OTHER: joined('https://', 'd111111abcdef8', '.cloudfront.net'),
    });
  });
  mkdirSync(join(stack.assemblyDir, 'filler'));
  writeFileSync(join(stack.assemblyDir, 'filler', 'index.mjs'), fillerCode);
  return stack;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
};

/** One request with its path as it is given, which `fetch` would make plainer. */
export const ask = (
  host: Host,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(host.url);
    const asking = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    asking.on('error', reject);
    asking.end();
  });
