import type { DeploymentResource } from '../catalog/index.ts';
import { endsArn, type Finding } from '../findings/index.ts';
import type { PolicyException, PolicySelector } from './policy.ts';

/** What is known of where something was found. */
export type Place = {
  readonly deploymentId: string;
  readonly environment: string;
  /** Of the finding and of the resource; what the deployment's owners say of a resource goes before what a finder says. */
  readonly tags: Readonly<Record<string, string>>;
};

export const tagsOf = (
  finding: Pick<Finding, 'tags'>,
  resource: Pick<DeploymentResource, 'tags'> | undefined,
): Readonly<Record<string, string>> => ({ ...finding.tags, ...resource?.tags });

/** Why a policy does not select it; undefined when it does. */
export const notSelected = (
  { deployments, environments, tags }: PolicySelector,
  place: Place,
): string | undefined => {
  if (deployments.length > 0 && !deployments.includes(place.deploymentId))
    return `It is for ${listed(deployments)}, not for the deployment ${place.deploymentId}.`;
  if (environments.length > 0 && !environments.includes(place.environment))
    return `It is for the environment ${listed(environments)}, not for ${place.environment}.`;
  const missing = Object.entries(tags).find(([name, value]) => place.tags[name] !== value);
  if (!missing) return undefined;
  const [name, value] = missing;
  return `It is for what has the tag ${name}=${value}.`;
};

export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

const overlap = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === 0 || right.length === 0 || left.some((one) => right.includes(one));

/** Whether anything could be selected by both; which deployment stands in which environment is not looked at. */
export const couldBothSelect = (left: PolicySelector, right: PolicySelector): boolean =>
  overlap(left.deployments, right.deployments) &&
  overlap(left.environments, right.environments) &&
  Object.entries(left.tags).every(([name, value]) => (right.tags[name] ?? value) === value);

/** An ARN means the resource whose id it ends with. */
const isMeant = (pattern: string, name: string): boolean => {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name === pattern || endsArn(pattern, name);
};

/** The exception that holds at `now` for a resource, by any of what it is called: name, id, ARN. */
export const exceptionFor = (
  exceptions: readonly PolicyException[],
  names: readonly string[],
  now: number,
): PolicyException | undefined =>
  exceptions.find(({ resource, untilAt }) => now < untilAt && names.some((name) => isMeant(resource, name)));
