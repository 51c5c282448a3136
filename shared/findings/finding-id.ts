import { bucketOf, sha256 } from '../platform/ids.ts';
import type { Finding } from './finding.ts';

export const findingBuckets = 8;
const deploymentPart = 8;

/** What makes a finding the same one when it is found again. `key` tells two of one kind at one resource apart. */
export type FindingIdentity = Pick<Finding, 'source' | 'kind' | 'deploymentId' | 'resource'> & {
  readonly key?: string | undefined;
};

/** Begins with its deployment's part, so that one query lists what was found of a deployment. */
export const findingPrefixOf = (deploymentId: string | null): string =>
  sha256(deploymentId ?? '*').slice(0, deploymentPart);

export const findingIdOf = ({ source, kind, deploymentId, resource, key = '' }: FindingIdentity): string =>
  `${findingPrefixOf(deploymentId)}${sha256([source, kind, deploymentId ?? '*', resource, key].join('\n')).slice(0, 24)}`;

/** Keys: `FINDINGS#<0–7>` / `<id>` in `state`; a deployment's findings lie together. */
export const findingKey = (id: string) => ({
  pk: `FINDINGS#${bucketOf(id.slice(0, deploymentPart), findingBuckets)}`,
  sk: id,
});
