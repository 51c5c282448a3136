import type { ActionStatement } from './action-kinds.ts';

type Patchable = {
  readonly statements: readonly ActionStatement[];
  /** What reading it needs, for planning and verification: it changes nothing, or knows no narrower resource. */
  readonly reads: readonly string[];
};

const of = (service: string, resource: string): string =>
  `arn:{partition}:${service}:{region}:{account}:${resource}`;

type Handlers = {
  readonly service: string;
  /** ARN of a resource of the type, as a pattern. */
  readonly arn: string;
  /** Changing calls that IAM can hold to one resource. */
  readonly changes: readonly string[];
  /** Of `changes`, whether the service judges them by the tags of the resource too. */
  readonly isTagged: boolean;
  readonly reads: readonly string[];
};

const named = (service: string, names: readonly string[]) => names.map((name) => `${service}:${name}`);

const patchable = ({ service, arn, changes, isTagged, reads }: Handlers): Patchable => ({
  statements: [
    { actions: named(service, changes), resources: [arn], ...(isTagged && { byTag: true as const }) },
    // The update handler reads before and after it writes, with the same permissions.
    { actions: named(service, reads), resources: ['*'] },
  ],
  reads: named(service, reads),
});

/**
 * Types of CloudFormation that Cloud Control may patch, and what their handlers call with the caller's permissions when
 * they update and read: `handlers.update.permissions` and `handlers.read.permissions` of each type's published schema.
 * Data only. Left out of them on purpose: whatever is of IAM (`iam:PassRole`, `iam:CreateServiceLinkedRole`), what
 * reaches other services for single properties (grants of keys, streams, code in S3), subscriptions, and the policies of
 * keys, tables and repositories: a patch of those properties fails with AccessDenied, and a person does it. Types of IAM
 * are none of these.
 */
export const patchableTypes: Readonly<Record<string, Patchable>> = {
  'AWS::Logs::LogGroup': patchable({
    service: 'logs',
    arn: of('logs', 'log-group:*'),
    changes: [
      'PutRetentionPolicy',
      'DeleteRetentionPolicy',
      'AssociateKmsKey',
      'DisassociateKmsKey',
      'PutDataProtectionPolicy',
      'TagResource',
      'UntagResource',
    ],
    isTagged: true,
    reads: ['DescribeLogGroups', 'ListTagsForResource', 'GetDataProtectionPolicy'],
  }),
  'AWS::SQS::Queue': patchable({
    service: 'sqs',
    arn: of('sqs', '*'),
    changes: ['SetQueueAttributes', 'TagQueue', 'UntagQueue'],
    isTagged: true,
    reads: ['GetQueueAttributes', 'ListQueueTags'],
  }),
  'AWS::SNS::Topic': patchable({
    service: 'sns',
    arn: of('sns', '*'),
    changes: ['SetTopicAttributes', 'TagResource', 'UntagResource'],
    isTagged: true,
    reads: [
      'GetTopicAttributes',
      'ListTagsForResource',
      'ListSubscriptionsByTopic',
      'GetDataProtectionPolicy',
    ],
  }),
  'AWS::S3::Bucket': patchable({
    service: 's3',
    arn: 'arn:{partition}:s3:::*',
    changes: [
      'PutBucketTagging',
      'PutAnalyticsConfiguration',
      'PutEncryptionConfiguration',
      'PutBucketCORS',
      'PutInventoryConfiguration',
      'PutLifecycleConfiguration',
      'PutMetricsConfiguration',
      'PutBucketNotification',
      'PutBucketWebsite',
      'DeleteBucketWebsite',
      'PutAccelerateConfiguration',
      'PutBucketPublicAccessBlock',
      'PutBucketOwnershipControls',
      'PutIntelligentTieringConfiguration',
      'PutBucketLogging',
      'PutBucketVersioning',
      'PutBucketObjectLockConfiguration',
    ],
    // S3 judges general purpose buckets by tags only where that was switched on for the bucket.
    isTagged: false,
    reads: [
      'GetAccelerateConfiguration',
      'GetLifecycleConfiguration',
      'GetBucketPublicAccessBlock',
      'GetAnalyticsConfiguration',
      'GetBucketCORS',
      'GetEncryptionConfiguration',
      'GetInventoryConfiguration',
      'GetBucketLogging',
      'GetMetricsConfiguration',
      'GetBucketNotification',
      'GetBucketVersioning',
      'GetReplicationConfiguration',
      'GetBucketWebsite',
      'GetBucketObjectLockConfiguration',
      'GetBucketTagging',
      'GetBucketOwnershipControls',
      'GetIntelligentTieringConfiguration',
      'GetBucketMetadataTableConfiguration',
      'ListBucket',
    ],
  }),
  'AWS::DynamoDB::Table': patchable({
    service: 'dynamodb',
    arn: of('dynamodb', 'table/*'),
    changes: [
      'UpdateTable',
      'UpdateTimeToLive',
      'UpdateContinuousBackups',
      'UpdateContributorInsights',
      'TagResource',
      'UntagResource',
    ],
    isTagged: true,
    reads: [
      'DescribeTable',
      'DescribeTimeToLive',
      'DescribeContinuousBackups',
      'DescribeContributorInsights',
      'DescribeKinesisStreamingDestination',
      'ListTagsOfResource',
      'GetResourcePolicy',
    ],
  }),
  // Neither its role nor its code: the one needs `iam:PassRole`, the other whatever the code lies in.
  'AWS::Lambda::Function': patchable({
    service: 'lambda',
    arn: of('lambda', 'function:*'),
    changes: [
      'UpdateFunctionConfiguration',
      'PutFunctionConcurrency',
      'DeleteFunctionConcurrency',
      'PutRuntimeManagementConfig',
      'TagResource',
      'UntagResource',
    ],
    isTagged: true,
    reads: ['GetFunction', 'GetFunctionCodeSigningConfig', 'GetRuntimeManagementConfig', 'ListTags'],
  }),
  'AWS::ECS::Service': patchable({
    service: 'ecs',
    arn: of('ecs', 'service/*'),
    changes: ['UpdateService', 'TagResource', 'UntagResource'],
    isTagged: true,
    reads: [
      'DescribeServices',
      'DescribeServiceDeployments',
      'ListServiceDeployments',
      'ListTagsForResource',
    ],
  }),
  'AWS::EC2::SecurityGroup': patchable({
    service: 'ec2',
    arn: of('ec2', 'security-group/*'),
    // Not CreateTags: whoever could tag could open what is held by tags.
    changes: [
      'AuthorizeSecurityGroupIngress',
      'AuthorizeSecurityGroupEgress',
      'RevokeSecurityGroupIngress',
      'RevokeSecurityGroupEgress',
    ],
    isTagged: true,
    reads: ['DescribeSecurityGroups'],
  }),
  'AWS::Events::Rule': patchable({
    service: 'events',
    arn: of('events', 'rule/*'),
    changes: ['PutRule', 'PutTargets', 'RemoveTargets'],
    isTagged: true,
    reads: ['DescribeRule', 'ListTargetsByRule'],
  }),
  'AWS::CloudWatch::Alarm': patchable({
    service: 'cloudwatch',
    arn: of('cloudwatch', 'alarm:*'),
    changes: ['PutMetricAlarm', 'TagResource', 'UntagResource'],
    isTagged: true,
    reads: ['DescribeAlarms', 'ListTagsForResource'],
  }),
  'AWS::ECR::Repository': patchable({
    service: 'ecr',
    arn: of('ecr', 'repository/*'),
    changes: [
      'PutLifecyclePolicy',
      'DeleteLifecyclePolicy',
      'PutImageScanningConfiguration',
      'PutImageTagMutability',
      'TagResource',
      'UntagResource',
    ],
    isTagged: true,
    reads: ['DescribeRepositories', 'GetLifecyclePolicy', 'GetRepositoryPolicy', 'ListTagsForResource'],
  }),
  // Its rotation, state, description and tags; never its policy, nor its deletion.
  'AWS::KMS::Key': patchable({
    service: 'kms',
    arn: of('kms', 'key/*'),
    changes: [
      'EnableKey',
      'DisableKey',
      'EnableKeyRotation',
      'DisableKeyRotation',
      'UpdateKeyDescription',
      'TagResource',
      'UntagResource',
    ],
    isTagged: true,
    reads: ['DescribeKey', 'GetKeyPolicy', 'GetKeyRotationStatus', 'ListResourceTags'],
  }),
  'AWS::Athena::WorkGroup': patchable({
    service: 'athena',
    arn: of('athena', 'workgroup/*'),
    changes: ['UpdateWorkGroup', 'TagResource', 'UntagResource'],
    isTagged: true,
    reads: ['GetWorkGroup', 'ListTagsForResource'],
  }),
};
