import { Aws, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import type { Grant } from './permissions.ts';

/** How cdk-nag writes an ARN down: references in angle brackets. */
const asCdkNagWritesIt = (arn: string): string =>
  [
    [Aws.PARTITION, '<AWS::Partition>'],
    [Aws.REGION, '<AWS::Region>'],
    [Aws.ACCOUNT_ID, '<AWS::AccountId>'],
  ].reduce((text, [token = '', name = '']) => text.replaceAll(token, name), arn);

/** Each resource with a wildcard, with the reason of the statement that names it. */
export const acknowledgeWildcards = (role: IConstruct, grants: readonly Grant[]): void => {
  for (const { resource, why, condition } of grants) {
    for (const arn of [resource].flat()) {
      if (!arn.includes('*')) continue;
      const id = `AwsSolutions-IAM5[Resource::${asCdkNagWritesIt(arn)}]`;
      const held = condition
        ? 'the condition of the statement narrows it'
        : 'its actions know no narrower resource';
      Validations.of(role).acknowledge({ id, reason: `${why}; ${held}` });
    }
  }
};
