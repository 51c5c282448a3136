import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { Aws } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StackConfig } from '../config.ts';
import type { Grant } from './permissions.ts';

export type RoleProps = {
  readonly config: Pick<StackConfig, 'rolePath' | 'permissionsBoundaryArn'>;
  /** The AWS service that takes the role. */
  readonly service: 'lambda.amazonaws.com' | 'scheduler.amazonaws.com';
  /** Completes the sentence «taken … to …» for the person who reads the permissions. */
  readonly purpose: string;
  readonly grants: readonly Grant[];
};

/** Every role of the stack: exactly the given statements, their reasons kept in the template beside them. */
export const makeRole = (scope: Construct, id: string, props: RoleProps): CfnRole => {
  const role = new CfnRole(scope, id, {
    description: props.purpose,
    path: props.config.rolePath,
    permissionsBoundary: props.config.permissionsBoundaryArn,
    assumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: props.service },
          // Scheduler takes a role for schedules of any account unless told whose; Lambda asks for PassRole instead.
          ...(props.service === 'scheduler.amazonaws.com'
            ? { Condition: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }
            : {}),
        },
      ],
    },
    policies: [
      {
        policyName: 'Homeostat',
        policyDocument: {
          Version: '2012-10-17',
          Statement: props.grants.map((grant) => ({
            Sid: grant.sid,
            Effect: 'Allow',
            Action: grant.actions,
            Resource: grant.resource,
            ...(grant.condition ? { Condition: grant.condition } : {}),
          })),
        },
      },
    ],
  });
  role.addMetadata('homeostat', {
    purpose: props.purpose,
    why: Object.fromEntries(props.grants.map((grant) => [grant.sid, grant.why])),
  });
  return role;
};
