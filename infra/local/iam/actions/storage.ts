import {
  type AccessCheck,
  type AwsCall,
  asInput,
  type CallRule,
  check,
  type Input,
  inputs,
  nameOrArn,
  onResource,
  optionalText,
  type ServiceRules,
  sameName,
  text,
  texts,
} from './call.ts';

function secret(input: Input, call: AwsCall): string {
  const id = text(input, 'SecretId');
  return call.secretArnOf?.(id) ?? nameOrArn(call, 'secretsmanager', id, 'secret:');
}

export const secretsmanager: ServiceRules = {
  operations: {
    ...onResource(secret, {
      ...sameName('secretsmanager', 'GetSecretValue', 'DescribeSecret', 'PutSecretValue', 'UpdateSecret'),
      ...sameName('secretsmanager', 'DeleteSecret', 'RestoreSecret', 'RotateSecret', 'TagResource'),
    }),
    ...onResource(
      (input, call) => nameOrArn(call, 'secretsmanager', text(input, 'Name'), 'secret:'),
      sameName('secretsmanager', 'CreateSecret'),
    ),
  },
};

/** `/a/b` and `a` are `parameter/a/b` and `parameter/a`; a version or label after a colon is not part of the ARN. */
function parameter(call: AwsCall, name: string): string {
  if (name.startsWith('arn:')) return name;
  return nameOrArn(call, 'ssm', (name.split(':')[0] ?? '').replace(/^\//, ''), 'parameter/');
}

const manyParameters =
  (action: string): CallRule =>
  (input, call) => [
    check(
      action,
      texts(input.Names).map((name) => parameter(call, name)),
    ),
  ];

export const ssm: ServiceRules = {
  operations: {
    ...onResource(
      (input, call) => parameter(call, text(input, 'Name')),
      sameName('ssm', 'GetParameter', 'PutParameter', 'DeleteParameter', 'GetParameterHistory'),
    ),
    GetParameters: manyParameters('ssm:GetParameters'),
    DeleteParameters: manyParameters('ssm:DeleteParameters'),
    GetParametersByPath: (input, call) => [
      check('ssm:GetParametersByPath', parameter(call, text(input, 'Path').replace(/\/$/, ''))),
    ],
  },
};

function bucket(input: Input): string {
  return `arn:aws:s3:::${text(input, 'Bucket')}`;
}

function object(input: Input): string {
  return `${bucket(input)}/${text(input, 'Key')}`;
}

/** Reading or deleting a named version is an action of its own. */
function versionCheck(action: string, input: Input): AccessCheck {
  return check(`${action}${optionalText(input, 'VersionId') ? 'Version' : ''}`, object(input));
}

const versioned =
  (action: string): CallRule =>
  (input) => [versionCheck(action, input)];

const list: CallRule = (input) => [
  check('s3:ListBucket', bucket(input), {
    's3:prefix': optionalText(input, 'Prefix'),
    's3:delimiter': optionalText(input, 'Delimiter'),
  }),
];

/** `/bucket/key` or `bucket/key`, percent-encoded, perhaps with a versionId. */
const copy: CallRule = (input) => {
  const [source = '', version] = text(input, 'CopySource').replace(/^\//, '').split('?versionId=');
  const read = version ? 's3:GetObjectVersion' : 's3:GetObject';
  return [check(read, `arn:aws:s3:::${decodeURIComponent(source)}`), check('s3:PutObject', object(input))];
};

const deleteMany: CallRule = (input) => {
  const objects = inputs(asInput(input.Delete).Objects);
  return objects.map((entry) => versionCheck('s3:DeleteObject', { ...entry, Bucket: input.Bucket }));
};

export const s3: ServiceRules = {
  operations: {
    GetObject: versioned('s3:GetObject'),
    HeadObject: versioned('s3:GetObject'),
    DeleteObject: versioned('s3:DeleteObject'),
    DeleteObjects: deleteMany,
    CopyObject: copy,
    ListObjects: list,
    ListObjectsV2: list,
    HeadBucket: list,
    ...onResource(object, {
      PutObject: 's3:PutObject',
      CreateMultipartUpload: 's3:PutObject',
      UploadPart: 's3:PutObject',
      CompleteMultipartUpload: 's3:PutObject',
      AbortMultipartUpload: 's3:AbortMultipartUpload',
      ListParts: 's3:ListMultipartUploadParts',
      GetObjectTagging: 's3:GetObjectTagging',
      PutObjectTagging: 's3:PutObjectTagging',
    }),
    ...onResource(bucket, {
      ...sameName('s3', 'CreateBucket', 'DeleteBucket', 'GetBucketLocation'),
      ListObjectVersions: 's3:ListBucketVersions',
      ListMultipartUploads: 's3:ListBucketMultipartUploads',
    }),
    ListBuckets: () => [check('s3:ListAllMyBuckets', '*')],
  },
};
