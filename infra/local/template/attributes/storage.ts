import { arn, fitted, type Named, physicalName, property, secretSuffix, uuid } from '../arns.ts';
import type { ResourceTypes } from './type.ts';

const table = (named: Named) => physicalName(named, 'TableName');

/** No StreamArn: the stack has no table streams, and asking for one is refused. */
const tableAttributes = { Arn: (named: Named) => arn(named, 'dynamodb', `table/${table(named)}`) };

const bucket = (named: Named): string => {
  return property(named, 'BucketName') ?? fitted(physicalName(named, undefined).toLowerCase(), 63);
};

const secretArn = (named: Named): string => {
  return arn(named, 'secretsmanager', `secret:${physicalName(named, 'Name')}-${secretSuffix(named)}`);
};

const logGroup = (named: Named) => physicalName(named, 'LogGroupName');
const parameter = (named: Named) => physicalName(named, 'Name');

export const STORAGE: ResourceTypes = {
  'AWS::DynamoDB::Table': { ref: table, attributes: tableAttributes },
  'AWS::DynamoDB::GlobalTable': { ref: table, attributes: { ...tableAttributes, TableId: uuid } },
  'AWS::S3::Bucket': {
    ref: bucket,
    attributes: {
      Arn: (named) => `arn:aws:s3:::${bucket(named)}`,
      DomainName: (named) => `${bucket(named)}.s3.amazonaws.com`,
      RegionalDomainName: (named) => `${bucket(named)}.s3.${named.machine.region}.amazonaws.com`,
    },
  },
  'AWS::S3::BucketPolicy': { ref: bucket },
  'AWS::SecretsManager::Secret': { ref: secretArn, attributes: { Id: secretArn } },
  'AWS::SSM::Parameter': {
    ref: parameter,
    attributes: {
      Type: (named) => property(named, 'Type') ?? 'String',
      Value: (named) => property(named, 'Value') ?? '',
    },
  },
  'AWS::Logs::LogGroup': {
    ref: logGroup,
    attributes: { Arn: (named) => arn(named, 'logs', `log-group:${logGroup(named)}:*`) },
  },
};
