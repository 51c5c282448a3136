import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { configFromContext } from '../../infra/config.ts';
import { buildConsole } from '../../infra/console/build.ts';
import { routes } from '../../shared/platform/api/table.ts';
import {
  at,
  functionCalled,
  list,
  named,
  ofType,
  type Properties,
  synthesized,
  type Template,
  temporaryFolder,
} from './assembly.ts';

const domain = {
  name: 'monitoring.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d-1111-2222-3333-444455556666',
};

let template: Template;
let ownNamed: Template;
beforeAll(async () => {
  template = await synthesized();
  ownNamed = await synthesized({ domain });
}, 60_000);

const propertiesOf = (logicalId: string, from = template) => from.Resources[logicalId]?.Properties;
const configOf = (from = template) => at(propertiesOf('Distribution', from), 'DistributionConfig');
type Behaviour = Properties & { readonly PathPattern?: string };
const behaviours = (): readonly Behaviour[] => list(at(configOf(), 'CacheBehaviors')) as Behaviour[];
const only = (type: string) => ofType(template, type).map(([, { Properties: own }]) => own);

describe('the files of the console', () => {
  test('lie in a bucket that nothing makes public, encrypted, and go with the stack', () => {
    const bucket = template.Resources.ConsoleFiles;
    expect(ofType(template, 'AWS::S3::Bucket')).toHaveLength(1);
    expect(bucket?.Properties).toEqual({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(bucket?.DeletionPolicy).toBe('Delete');
  });

  test('are read by this very distribution and by nobody else, and by nobody in the clear', () => {
    const [policy] = only('AWS::S3::BucketPolicy');
    const statements = list(at(policy, 'PolicyDocument', 'Statement')) as Properties[];
    const arnOfDistribution = {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':cloudfront::',
          { Ref: 'AWS::AccountId' },
          ':distribution/',
          { Ref: 'Distribution' },
        ],
      ],
    };
    const bucket = { 'Fn::GetAtt': ['ConsoleFiles', 'Arn'] };
    const objects = { 'Fn::Join': ['', [bucket, '/*']] };
    const distribution = {
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { StringEquals: { 'AWS:SourceArn': arnOfDistribution } },
    };
    expect(statements.map(({ Sid: _, ...statement }) => statement)).toEqual([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [bucket, objects],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      { ...distribution, Action: 's3:GetObject', Resource: objects },
      // Without it a file that is missing would be a 403.
      { ...distribution, Action: 's3:ListBucket', Resource: bucket },
    ]);
  });

  test('are put by a function that carries them, and again when they change; CloudFormation waits minutes at most', () => {
    const [[, content] = []] = ofType(template, 'Custom::ConsoleFiles');
    const [functionId, filler] = functionCalled(template, 'console-files');
    expect(content?.Properties).toEqual({
      ServiceToken: { 'Fn::GetAtt': [functionId, 'Arn'] },
      ServiceTimeout: 600,
      BucketName: { Ref: 'ConsoleFiles' },
      FilesHash: expect.any(String),
    });
    // Else CloudFormation would have gone on while an older run still writes.
    expect(Number(filler.Properties.Timeout)).toBeLessThan(600);
  });
});

describe('the distribution', () => {
  test('speaks IPv6, HTTP/2 and HTTP/3, where it costs least, and begins with index.html', () => {
    expect(configOf()).toMatchObject({
      Enabled: true,
      IPV6Enabled: true,
      HttpVersion: 'http2and3',
      PriceClass: 'PriceClass_100',
      DefaultRootObject: 'index.html',
    });
  });

  test('replaces no answer of the API by a page of its own, and keeps no trouble that one client met for all others', () => {
    // These four it would keep for ten seconds, whatever the answer says: custom-error-pages-expiration in its guide.
    expect(at(configOf(), 'CustomErrorResponses')).toEqual(
      [500, 502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
    );
  });

  test('reads the files signed, and the API over TLS 1.2 at its own endpoint', () => {
    const [files, api] = list(at(configOf(), 'Origins')) as Properties[];
    expect(files).toMatchObject({
      DomainName: { 'Fn::GetAtt': ['ConsoleFiles', 'RegionalDomainName'] },
      S3OriginConfig: { OriginAccessIdentity: '' },
    });
    const [access] = only('AWS::CloudFront::OriginAccessControl');
    expect(named(files?.OriginAccessControlId)).toBe(
      ofType(template, 'AWS::CloudFront::OriginAccessControl')[0]?.[0],
    );
    expect(access?.OriginAccessControlConfig).toMatchObject({
      OriginAccessControlOriginType: 's3',
      SigningBehavior: 'always',
      SigningProtocol: 'sigv4',
    });
    expect(api).toMatchObject({
      DomainName: {
        'Fn::Join': [
          '',
          [{ Ref: 'Api' }, '.execute-api.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }],
        ],
      },
      CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
    });
  });

  test('sends the API everything it was sent but the host, in the clear nothing, and keeps none of its answers', () => {
    const api = behaviours().filter(({ PathPattern }) => PathPattern !== '/status*');
    expect(api.map(({ PathPattern }) => PathPattern)).toEqual([
      '/api/*',
      '/v1/*',
      '/metrics',
      '/docs',
      '/openapi.json',
      '/homeostat.schema.json',
      '/event-schemas.json',
    ]);
    for (const behaviour of api) {
      expect(behaviour).toMatchObject({
        TargetOriginId: 'api',
        ViewerProtocolPolicy: 'https-only',
        AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
        // CachingDisabled and AllViewerExceptHostHeader, as AWS publishes their ids.
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      });
    }
  });

  const answeredBy = (path: string): string => {
    const fits = (pattern: string) =>
      pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
    return String(behaviours().find(({ PathPattern = '' }) => fits(PathPattern))?.TargetOriginId ?? 'files');
  };
  test('hands every route of the API to the API, and whatever else there is to the files', () => {
    const lost = routes.map(({ path }) => path).filter((path) => answeredBy(path) !== 'api');
    // The root is the console; at the API's own address it is the way there.
    expect(lost).toEqual(['/']);
    expect(['/index.html', '/assets/index-C77cfjJq.js', '/icon.svg', '/favicon.ico'].map(answeredBy)).toEqual(
      ['files', 'files', 'files', 'files'],
    );
  });

  test('keeps status pages as long as they say, five minutes at most, by month and by nothing else', () => {
    const status = behaviours().find(({ PathPattern }) => PathPattern === '/status*');
    expect(status).toMatchObject({
      TargetOriginId: 'api',
      AllowedMethods: ['GET', 'HEAD'],
      ViewerProtocolPolicy: 'redirect-to-https',
      Compress: true,
    });
    const [id, policy] = ofType(template, 'AWS::CloudFront::CachePolicy')[0] ?? [];
    expect(named(status?.CachePolicyId)).toBe(id);
    expect(policy?.Properties.CachePolicyConfig).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 0,
      MaxTTL: 300,
      ParametersInCacheKeyAndForwardedToOrigin: {
        CookiesConfig: { CookieBehavior: 'none' },
        HeadersConfig: { HeaderBehavior: 'none' },
        QueryStringsConfig: { QueryStringBehavior: 'whitelist', QueryStrings: ['month'] },
      },
    });
  });

  test('gives the console a policy by which it runs and loads nothing but its own (fault 28)', () => {
    const files = at(configOf(), 'DefaultCacheBehavior');
    expect(files).toMatchObject({
      TargetOriginId: 'files',
      AllowedMethods: ['GET', 'HEAD'],
      ViewerProtocolPolicy: 'redirect-to-https',
      Compress: true,
      // CachingOptimized: what index.html says, a second later.
      CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
    });
    const [id, policy] = ofType(template, 'AWS::CloudFront::ResponseHeadersPolicy')[0] ?? [];
    expect(named(at(files, 'ResponseHeadersPolicyId'))).toBe(id);
    expect(at(policy?.Properties, 'ResponseHeadersPolicyConfig', 'SecurityHeadersConfig')).toEqual({
      ContentSecurityPolicy: {
        ContentSecurityPolicy:
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
          "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
          "require-trusted-types-for 'script'; trusted-types 'none'",
        Override: true,
      },
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY', Override: true },
      ReferrerPolicy: { Override: true, ReferrerPolicy: 'no-referrer' },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
    });
  });

  test('names what the account may have only once, whatever the region, after stack and region', () => {
    const names = [
      at(only('AWS::CloudFront::OriginAccessControl')[0], 'OriginAccessControlConfig', 'Name'),
      at(only('AWS::CloudFront::ResponseHeadersPolicy')[0], 'ResponseHeadersPolicyConfig', 'Name'),
      at(only('AWS::CloudFront::CachePolicy')[0], 'CachePolicyConfig', 'Name'),
    ];
    for (const name of names)
      expect(JSON.stringify(name)).toContain('{"Ref":"AWS::StackName"},"-",{"Ref":"AWS::Region"}');
  });
});

describe('the address of the console', () => {
  const environmentOf = (name: string, from: Template) =>
    at(functionCalled(from, name)[1].Properties, 'Environment', 'Variables') as Properties;
  const ofDistribution = { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['Distribution', 'DomainName'] }]] };

  test("is the distribution's name, told as an output, to links in notifications and to the root of the API", () => {
    expect(template.Outputs.ConsoleUrl?.Value).toEqual(ofDistribution);
    expect(environmentOf('incidents', template).HOMEOSTAT_PUBLIC_URL).toEqual(ofDistribution);
    expect(environmentOf('page', template).HOMEOSTAT_CONSOLE_URL).toEqual(ofDistribution);
    expect(template.Outputs.ApiUrl?.Value).toEqual({ 'Fn::GetAtt': ['Api', 'ApiEndpoint'] });
  });

  test('is a name of the team, with its certificate and nothing older than TLS 1.2, when one is given', () => {
    expect(configOf(ownNamed)).toMatchObject({
      Aliases: ['monitoring.example.com'],
      ViewerCertificate: {
        AcmCertificateArn: domain.certificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
    });
    expect(ownNamed.Outputs.ConsoleUrl?.Value).toBe('https://monitoring.example.com');
    expect(environmentOf('incidents', ownNamed).HOMEOSTAT_PUBLIC_URL).toBe('https://monitoring.example.com');
  });

  test('in links is what publicUrl says; the root of the API still leads to the distribution, never to itself', async () => {
    const publicly = await synthesized({ publicUrl: 'https://ops.example.com' });
    expect(environmentOf('incidents', publicly).HOMEOSTAT_PUBLIC_URL).toBe('https://ops.example.com');
    expect(environmentOf('page', publicly).HOMEOSTAT_CONSOLE_URL).toEqual(ofDistribution);
  }, 60_000);

  test.each([
    ['name', { ...domain, name: 'https://monitoring.example.com' }, 'must be a host name'],
    [
      'certificateArn',
      { ...domain, certificateArn: domain.certificateArn.replace('us-east-1', 'eu-central-1') },
      'must be the ARN of a certificate of ACM in us-east-1',
    ],
  ])('a wrong %s of the domain is refused', (key, wrong, sentence) => {
    expect(() => configFromContext({ homeostat: { domain: wrong } })).toThrow(
      new RegExp(`homeostat\\.domain\\.${key}: ${sentence}`),
    );
  });

  test('hangs on nothing that hangs on it: what is made, waits for nothing that waits for it', () => {
    const needs = new Map(
      Object.entries(template.Resources).map(([id, resource]) => {
        const text = JSON.stringify([resource.Properties, at(resource, 'DependsOn')]);
        return [
          id,
          Object.keys(template.Resources).filter((other) => other !== id && text.includes(`"${other}"`)),
        ];
      }),
    );
    const made = new Set<string>();
    for (let before = -1; before !== made.size; ) {
      before = made.size;
      for (const [id, wanted] of needs) if (wanted.every((one) => made.has(one))) made.add(id);
    }
    expect([...needs.keys()].filter((id) => !made.has(id))).toEqual([]);
  });
});

describe('the build of the console', () => {
  test('gives index.html and assets whose names hold their hash, all by relative paths and nothing inline', async () => {
    const { dir } = await buildConsole({ outdir: await temporaryFolder() });
    const html = await readFile(join(dir, 'index.html'), 'utf8');
    const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !path.startsWith('./'))).toEqual([]);
    expect(html).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=/);
    const assets = await readdir(join(dir, 'assets'));
    expect(assets.filter((name) => !/-[\w-]{8}\.(js|css|svg|woff2|png|webp)$/.test(name))).toEqual([]);
  });

  test('is the same for the same sources, also when two build at once', async () => {
    const outdir = await temporaryFolder();
    const [one, two] = await Promise.all([buildConsole({ outdir }), buildConsole({ outdir })]);
    expect(one).toEqual(two);
    expect(await readdir(outdir)).toEqual([one?.hash]);
  });

  test('is not done again while nothing changed', async () => {
    const outdir = await temporaryFolder();
    const { hash } = await buildConsole({ outdir });
    // Whatever lies there under the hash of the sources is taken: another build would have put its own files.
    const marked = await temporaryFolder();
    await mkdir(join(marked, hash));
    expect(await buildConsole({ outdir: marked })).toEqual({ dir: join(marked, hash), hash });
    expect(await readdir(join(marked, hash))).toEqual([]);
  });
});
