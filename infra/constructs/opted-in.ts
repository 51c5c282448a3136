import { Aws } from 'aws-cdk-lib/core';
import type { StackConfig } from '../config.ts';
import type { ResourceTarget } from './permissions.ts';

// What the stack does not make but may reach, because the configuration names it.

/**
 * The secrets of checks: SSM parameters that an operator sets and that outlive the stack. Reading each needs its name
 * in the configuration; without any name nothing is granted.
 * @param path begins and ends with a slash
 */
export const checkSecretsAt = (path: string, { secrets }: Pick<StackConfig, 'secrets'>): ResourceTarget => {
  const arnOf = (name: string): string =>
    `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${path}${name}`;
  const named = secrets.includes('*') ? ['*'] : [...new Set(secrets)];
  return { address: path, arn: named.map(arnOf) };
};

/** `*` stands for any function: only a host on one machine takes it. */
export const teamFunctions = ({
  checkFunctions,
}: Pick<StackConfig, 'checkFunctions'>): ResourceTarget | undefined => {
  if (checkFunctions.length === 0) return undefined;
  const arn = checkFunctions.includes('*')
    ? [`arn:${Aws.PARTITION}:lambda:*:*:function:*`]
    : [...new Set(checkFunctions)];
  return { address: checkFunctions.join(','), arn };
};

export const awsResources = ({
  awsServices,
}: Pick<StackConfig, 'awsServices'>): ResourceTarget | undefined => {
  if (awsServices.length === 0) return undefined;
  const services = [...new Set(awsServices)];
  return { address: services.join(','), arn: [], services };
};
