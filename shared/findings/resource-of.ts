import type { DeploymentDefinition, DeploymentResource } from '../catalog/index.ts';

/** What a deployment consists of; none when it was registered before there were resources, or without them. */
export const resourcesOf = (
  deployment: Pick<DeploymentDefinition, 'resources'>,
): readonly DeploymentResource[] => deployment.resources ?? [];

/**
 * The deployment's resource that is meant: by name, by id, or as the end of an ARN (`…:instance/i-0a1b`,
 * `…:service/cluster/name`). Undefined when none is, or when more than one could be: which one is then not known.
 */
export const resourceNamed = (
  deployment: Pick<DeploymentDefinition, 'resources'>,
  nameOrId: string,
): DeploymentResource | undefined => {
  const all = resourcesOf(deployment);
  const named = all.find(({ name }) => name === nameOrId);
  if (named) return named;
  const meant = all.filter(({ id }) => id === nameOrId || endsArn(nameOrId, id));
  return meant.length === 1 ? meant[0] : undefined;
};

/** Whether it is an ARN that ends with this id. */
export const endsArn = (arn: string, id: string): boolean =>
  arn.startsWith('arn:') && (arn.endsWith(`/${id}`) || arn.endsWith(`:${id}`));

/**
 * The resource whose health a check tells: the one that names it, or the only one when it names no checks. Undefined
 * when several name it: nobody knows then which of them is unwell.
 */
export const resourceOfCheck = (
  deployment: Pick<DeploymentDefinition, 'resources'>,
  checkName: string,
): DeploymentResource | undefined => {
  const all = resourcesOf(deployment);
  const naming = all.filter(({ checks }) => checks?.includes(checkName));
  if (naming.length > 0) return naming.length === 1 ? naming[0] : undefined;
  const [only] = all;
  return all.length === 1 && only?.checks === undefined ? only : undefined;
};

/** The resource that a finding, or a check by its name, is about. */
export const resourceOf = (
  deployment: Pick<DeploymentDefinition, 'resources'>,
  about: { readonly resource: string } | { readonly checkName: string },
): DeploymentResource | undefined =>
  'checkName' in about
    ? resourceOfCheck(deployment, about.checkName)
    : resourceNamed(deployment, about.resource);
