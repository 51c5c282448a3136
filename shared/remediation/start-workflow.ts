import type { Workflows } from '../platform/aws/workflows.aws.ts';
import { isOver, type Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import { changeRemediation } from './store.ts';

/**
 * Starts the execution of a remediation that has none, named by the plan's hash: starting it twice starts it once.
 * Called by whoever proposed it, and again by the responder for what a crash left between the two.
 */
export const startWorkflow = async (
  world: RemedyWorld & { readonly workflows: Pick<Workflows, 'start'> },
  remediation: Remediation,
): Promise<Remediation> => {
  const { plan, executionArn } = remediation;
  if (executionArn !== undefined || isOver(remediation.status)) return remediation;
  const { arn } = await world.workflows.start(plan.workflow, plan.hash, { planHash: plan.hash, attempt: 1 });
  const { remediation: started } = await changeRemediation(world, plan.hash, (found) =>
    found.executionArn === undefined
      ? { draft: { remediation: { ...found, executionArn: arn }, entries: [] }, answer: undefined }
      : { answer: undefined },
  );
  return started;
};
