import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { ResourceTarget } from './permissions.ts';

type Made = {
  readonly description: string;
  readonly length: number;
  /** Why it is not rotated by a schedule. */
  readonly whyNotRotated: string;
};

/** Secrets Manager makes it up at deploy, and nothing but the secret ever holds it. */
const makeSecret = (
  scope: Construct,
  id: string,
  { description, length, whyNotRotated }: Made,
): ResourceTarget => {
  const secret = new CfnSecret(scope, id, {
    description,
    // Changing anything in here makes CloudFormation generate another one.
    generateSecretString: { passwordLength: length, excludePunctuation: true },
  });
  secret.overrideLogicalId(id);
  secret.applyRemovalPolicy(RemovalPolicy.DESTROY);
  Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason: whyNotRotated });
  return { address: secret.ref, arn: secret.ref };
};

/** The first admin token. */
export const makeAdminToken = (scope: Construct): ResourceTarget =>
  makeSecret(scope, 'AdminToken', {
    description: 'The first admin token of Homeostat. Use it to create tokens for people and programs.',
    length: 48,
    whyNotRotated:
      'It is there to create the first tokens, which expire and are revoked one by one; whoever still uses it would be ' +
      'locked out by a rotation nobody asked for. A new value put into the secret takes effect within a minute.',
  });

/** What signs the links in notifications. */
export const makeLinkKey = (scope: Construct): ResourceTarget =>
  makeSecret(scope, 'LinkKey', {
    description:
      'Signs the links in notifications of Homeostat. A new value makes the links sent before invalid.',
    length: 64,
    whyNotRotated:
      'Every link expires by itself; a rotation would break those in notifications that people have not opened yet. ' +
      'After a leak a new value put into the secret takes effect within a minute.',
  });
