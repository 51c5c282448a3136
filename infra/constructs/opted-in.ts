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

/** `*` stands for any topic: only a host on one machine takes it. */
export const teamTopics = ({ topics }: Pick<StackConfig, 'topics'>): ResourceTarget | undefined => {
  if (topics.length === 0) return undefined;
  const arn = topics.includes('*') ? [`arn:${Aws.PARTITION}:sns:*:*:*`] : [...new Set(topics)];
  return { address: topics.join(','), arn };
};

/** Identities of SES in account and region of the stack: addresses, or domains for every address of theirs; `*` for any. */
export const emailIdentities = ({
  emailIdentities: names,
}: Pick<StackConfig, 'emailIdentities'>): ResourceTarget | undefined => {
  if (names.length === 0) return undefined;
  const arnOf = (name: string): string =>
    `arn:${Aws.PARTITION}:ses:${Aws.REGION}:${Aws.ACCOUNT_ID}:identity/${name}`;
  return { address: names.join(','), arn: [...new Set(names)].map(arnOf) };
};

export const awsResources = ({
  awsServices,
}: Pick<StackConfig, 'awsServices'>): ResourceTarget | undefined => {
  if (awsServices.length === 0) return undefined;
  const services = [...new Set(awsServices)];
  return { address: services.join(','), arn: [], services };
};
