import { CfnBucket, CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import { Aws, CfnResource, RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { HomeostatFunction } from './function.ts';
import type { ResourceTarget } from './permissions.ts';

/** CloudFormation gives up on the files after this long, so that a function that never answers costs minutes, not an hour. */
const answerWithinSeconds = 600;

/** The private bucket of the console's files. Nobody but the distribution reads it, nobody but `console-files` writes it. */
export class ConsoleFiles extends Construct {
  readonly target: ResourceTarget;
  readonly regionalDomainName: string;
  readonly #bucket: CfnBucket;

  constructor(scope: Construct) {
    super(scope, 'ConsoleBucket');
    this.#bucket = new CfnBucket(this, 'Files', {
      bucketEncryption: {
        serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
      },
      ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
      publicAccessBlockConfiguration: {
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
    });
    // Pinned: another logical id would be another, empty bucket while the distribution still shows the files of this one.
    this.#bucket.overrideLogicalId('ConsoleFiles');
    this.#bucket.applyRemovalPolicy(RemovalPolicy.DESTROY);
    Validations.of(this.#bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'It holds only files that are the same for everybody and that anybody may have. Only the distribution can read ' +
        'them, and a log of that would cost more than the files.',
    });
    this.regionalDomainName = this.#bucket.attrRegionalDomainName;
    this.target = {
      address: this.#bucket.ref,
      arn: this.#bucket.attrArn,
      objectsArn: `${this.#bucket.attrArn}/*`,
    };
  }

  /** Who may list gets a 404 for a file that is missing; who may not gets a 403, which says nothing. */
  openFor(distributionId: string): void {
    const [bucket, objects] = [this.#bucket.attrArn, `${this.#bucket.attrArn}/*`];
    const ofDistribution = {
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: {
        StringEquals: {
          'AWS:SourceArn': `arn:${Aws.PARTITION}:cloudfront::${Aws.ACCOUNT_ID}:distribution/${distributionId}`,
        },
      },
    };
    new CfnBucketPolicy(this, 'Policy', {
      bucket: this.#bucket.ref,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'OnlyEncryptedOnTheWay',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: [bucket, objects],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          { Sid: 'DistributionReads', Action: 's3:GetObject', Resource: objects, ...ofDistribution },
          {
            Sid: 'DistributionLearnsWhatIsMissing',
            Action: 's3:ListBucket',
            Resource: bucket,
            ...ofDistribution,
          },
        ],
      },
    });
  }

  /** Each deployment of other files, or of other code that puts them, puts them again; the end of the stack takes them out. */
  fillBy(filler: HomeostatFunction, filesHash: string): void {
    new CfnResource(this, 'Content', {
      type: 'Custom::ConsoleFiles',
      properties: {
        ServiceToken: filler.resource.attrArn,
        ServiceTimeout: answerWithinSeconds,
        BucketName: this.#bucket.ref,
        FilesHash: filesHash,
      },
    });
  }
}
