import { sha256 } from '../platform/ids.ts';
import type { PlannedResource } from './plan.ts';

/** What limits count and leases lock: the same thing under whatever name a deployment gives it. */
export const resourceKeyOf = ({ type, id }: Pick<PlannedResource, 'type' | 'id'>): string => `${type}/${id}`;

/** The resources of a plan, each once, always in the same order: two plans never wait for each other in a circle. */
export const resourcesOf = <R extends Pick<PlannedResource, 'type' | 'id'>>(plan: {
  readonly actions: readonly { readonly resource: R }[];
}): readonly R[] => {
  const byKey = new Map(plan.actions.map(({ resource }) => [resourceKeyOf(resource), resource] as const));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
};

/** `HEAL#<hash of type and id>` / `HEAL` in `state`. */
export const healKey = (resource: Pick<PlannedResource, 'type' | 'id'>) => ({
  pk: `HEAL#${sha256(resourceKeyOf(resource)).slice(0, 32)}`,
  sk: 'HEAL',
});
