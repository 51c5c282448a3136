import { Stack, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import type { Grant } from './permissions.ts';

const partOf = (part: unknown): string => {
  if (typeof part === 'string') return part;
  const { Ref, 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: readonly string[] };
  return `<${Ref ?? attribute?.join('.')}>`;
};

/** How cdk-nag writes an ARN down: references in angle brackets. */
const asCdkNagWritesIt = (scope: IConstruct, arn: string): string => {
  const resolved: unknown = Stack.of(scope).resolve(arn);
  if (typeof resolved === 'string') return resolved;
  const [, parts] = (resolved as { 'Fn::Join': readonly [string, readonly unknown[]] })['Fn::Join'];
  return parts.map(partOf).join('');
};

/** Each resource with a wildcard, with the reason of the statement that names it. */
export const acknowledgeWildcards = (role: IConstruct, grants: readonly Grant[]): void => {
  for (const { resource, why, condition } of grants) {
    for (const arn of [resource].flat()) {
      if (!arn.includes('*')) continue;
      const id = `AwsSolutions-IAM5[Resource::${asCdkNagWritesIt(role, arn)}]`;
      const held = condition
        ? 'the condition of the statement narrows it'
        : 'its actions know no narrower resource';
      Validations.of(role).acknowledge({ id, reason: `${why}; ${held}` });
    }
  }
};
