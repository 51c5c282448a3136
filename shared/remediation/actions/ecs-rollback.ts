import type { EcsService } from '../../platform/aws/actions/ecs.aws.ts';
import { type Action, ActionRefused } from './action.ts';
import {
  type DeploymentReceipt,
  deploysElsewhere,
  imageOf,
  notActive,
  revisionName,
  type ServiceImage,
  serviceOf,
  verifyDeployment,
} from './ecs-service.ts';
import type { ActionPorts } from './ports.ts';

/** Not how many tasks run: autoscaling would overtake every plan that waits. */
type Before = Omit<ServiceImage, 'desired'> & {
  /** ARN of what it goes back to; null: nothing older is there. */
  readonly previous: string | null;
};

const revisionOf = (taskDefinition: string): number =>
  Number(taskDefinition.slice(taskDefinition.lastIndexOf(':') + 1));
const familyOf = (taskDefinition: string): string => revisionName(taskDefinition).replace(/:\d+$/, '');

/**
 * What was named; else what the deployment that is being replaced runs; else the next older revision that is active.
 * A revision that is not active any more could not be run.
 */
const previousOf = async (
  ports: ActionPorts,
  { taskDefinition, deployments }: EcsService,
  named: unknown,
): Promise<string | null> => {
  const revisions = await (await ports.ecs()).revisions(familyOf(taskDefinition));
  if (typeof named === 'string') {
    const found = revisions.find((one) => one === named || revisionName(one) === named);
    if (found === undefined) throw new ActionRefused(`there is no active task definition ${named}`);
    return found;
  }
  const replaced = [...deployments]
    .filter((one) => one.status !== 'PRIMARY' && one.taskDefinition !== taskDefinition)
    .sort((one, other) => other.createdAt - one.createdAt)
    .find((one) => revisions.includes(one.taskDefinition));
  const older = revisions.filter((one) => revisionOf(one) < revisionOf(taskDefinition));
  return (
    replaced?.taskDefinition ?? older.sort((one, other) => revisionOf(other) - revisionOf(one))[0] ?? null
  );
};

/** Goes back to the previous task definition; `taskDefinition` names another of the same family, `shop:11`. */
export const ecsRollback: Action = {
  resourceTypes: ['ecs-service'],
  verbs: ['rollback'],
  params: (z) => z.strictObject({ taskDefinition: z.string().min(1).max(400).exactOptional() }),
  read: async (ports, { id }, { taskDefinition }) => {
    const service = await serviceOf(ports, id);
    const { before: found, ...image } = imageOf(service);
    const { desired: _desired, ...kept } = found;
    const before: Before = {
      ...kept,
      previous: await previousOf(ports, service, taskDefinition),
    };
    return { ...image, before };
  },
  propose: (image, { id }) => {
    const before = image as Before;
    const held = notActive(id, before) ?? deploysElsewhere(id, before);
    if (held !== undefined) return { refused: held };
    const now = revisionName(before.taskDefinition);
    if (before.previous === null)
      return { refused: `the service ${id} runs ${now}, and there is no older active task definition` };
    if (before.previous === before.taskDefinition)
      return { unchanged: `the service ${id} runs ${now} already` };
    return {
      expected: { taskDefinition: before.previous },
      undo: { kind: 'ecs-rollback', params: { taskDefinition: before.taskDefinition } },
      summary: `Take the ECS service ${id} from ${now} back to ${revisionName(before.previous)}.`,
      risk: 'medium',
    };
  },
  apply: async (ports, { resource, expected }, keep) => {
    const { taskDefinition } = expected as { readonly taskDefinition: string };
    const deploymentId = await (await ports.ecs()).setTaskDefinition(resource.id, taskDefinition);
    if (deploymentId !== undefined) keep({ deploymentId });
  },
  verify: async (ports, { resource: { id }, expected }, _appliedAt, receipt) => {
    const service = await serviceOf(ports, id);
    const { taskDefinition } = expected as { readonly taskDefinition: string };
    if (service.taskDefinition !== taskDefinition) {
      const now = revisionName(service.taskDefinition);
      return {
        state: 'failed',
        reason: `the service ${id} runs ${now} again`,
        after: { taskDefinition: now },
      };
    }
    const { deploymentId } = (receipt ?? {}) as Partial<DeploymentReceipt>;
    return verifyDeployment(id, service, deploymentId);
  },
};
