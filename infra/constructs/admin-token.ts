import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { ResourceTarget } from './permissions.ts';

/** The first admin token: Secrets Manager makes it up at deploy, and nothing but the secret ever holds it. */
export const makeAdminToken = (scope: Construct): ResourceTarget => {
  const secret = new CfnSecret(scope, 'AdminToken', {
    description: 'The first admin token of Homeostat. Use it to create tokens for people and programs.',
    // Changing anything in here makes CloudFormation generate another token.
    generateSecretString: { passwordLength: 48, excludePunctuation: true },
  });
  secret.overrideLogicalId('AdminToken');
  secret.applyRemovalPolicy(RemovalPolicy.DESTROY);
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      'It is there to create the first tokens, which expire and are revoked one by one; whoever still uses it would be ' +
      'locked out by a rotation nobody asked for. A new value put into the secret takes effect within a minute.',
  });
  return { address: secret.ref, arn: secret.ref };
};
