import { type DeploymentResource, listDeployments } from '../catalog/index.ts';
import { endsArn, resourcesOf } from '../findings/index.ts';
import type { Table } from '../storage/table.ts';
import type { Target } from './plan-targets.ts';

/** Identifiers of Cloud Control may have several parts: `<ARN of the service>|<cluster>`. */
const namesOf = (id: string): readonly string[] => [...new Set([id, ...id.split('|')])];

const isSame = ({ id }: DeploymentResource, other: DeploymentResource): boolean =>
  namesOf(other.id).some((name) => name === id || endsArn(name, id) || endsArn(id, name));

/**
 * The target that a deployment does not list and another one does; undefined when there is none. Who may tell what was
 * found in one deployment must not have what belongs to another one changed.
 */
export const foreignTarget = async (
  state: Pick<Table, 'query'>,
  deploymentId: string,
  targets: readonly Target[],
): Promise<Target | undefined> => {
  if (targets.length === 0) return undefined;
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await listDeployments(state, '*', 200, after);
    const others = page.deployments
      .filter(({ definition }) => definition.deploymentId !== deploymentId)
      .flatMap(({ definition }) => resourcesOf(definition));
    const found = targets.find(({ resource }) => others.some((other) => isSame(other, resource)));
    if (found) return found;
    after = page.next;
  }
  return undefined;
};
