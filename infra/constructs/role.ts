import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { Aws } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StackConfig } from '../config.ts';
import type { Grant } from './permissions.ts';

export type RoleProps = {
  readonly config: Pick<StackConfig, 'rolePath' | 'permissionsBoundaryArn'>;
  /** The AWS service that takes the role, or the ARN of the one role that may. */
  readonly takenBy: keyof typeof principals | (string & {});
  /** Completes the sentence «taken … to …» for the person who reads the permissions. */
  readonly purpose: string;
  readonly grants: readonly Grant[];
};

/** How long a session of a role that another one takes may last: the shortest bound that IAM knows. */
const sessionSeconds = 3600;

const ofThisAccount = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };

/** Some services take a role for whoever names it, of any account, unless told whose; Lambda asks for PassRole instead. */
const principals = {
  'lambda.amazonaws.com': {},
  'scheduler.amazonaws.com': { Condition: ofThisAccount },
  'states.amazonaws.com': { Condition: ofThisAccount },
} as const;

const trustOf = (takenBy: RoleProps['takenBy']) =>
  takenBy in principals
    ? { Principal: { Service: takenBy }, ...principals[takenBy as keyof typeof principals] }
    : { Principal: { AWS: takenBy } };

export const policyDocumentOf = (grants: readonly Grant[]) => ({
  Version: '2012-10-17',
  Statement: grants.map((grant) => ({
    Sid: grant.sid,
    Effect: 'Allow',
    Action: grant.actions,
    Resource: grant.resource,
    ...(grant.condition ? { Condition: grant.condition } : {}),
  })),
});

/** By statement, for the person who reads the permissions. */
export const whyOf = (grants: readonly Grant[]): Readonly<Record<string, string>> =>
  Object.fromEntries(grants.map((grant) => [grant.sid, grant.why]));

/** Every role of the stack: exactly the given statements, their reasons kept in the template beside them. */
export const makeRole = (scope: Construct, id: string, props: RoleProps): CfnRole => {
  const role = new CfnRole(scope, id, {
    description: props.purpose,
    path: props.config.rolePath,
    permissionsBoundary: props.config.permissionsBoundaryArn,
    ...(props.takenBy in principals ? {} : { maxSessionDuration: sessionSeconds }),
    assumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...trustOf(props.takenBy) }],
    },
    policies: [{ policyName: 'Homeostat', policyDocument: policyDocumentOf(props.grants) }],
  });
  role.addMetadata('homeostat', { purpose: props.purpose, why: whyOf(props.grants) });
  return role;
};
