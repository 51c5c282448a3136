import { Lazy, type Stack } from 'aws-cdk-lib/core';
import { contracts } from '../functions/index.ts';
import type { FunctionContract } from '../shared/platform/function/contract.ts';
import type { StackConfig } from './config.ts';
import { ActionRoles, actionTargets } from './constructs/action-roles.ts';
import type { HomeostatFunction } from './constructs/function.ts';
import type { ResourceTargets } from './constructs/permissions.ts';
import { WorkflowMachine, workflowsTarget } from './constructs/state-machine.ts';
import { stateMachines } from './workflows/index.ts';

const workflowNames = Object.keys(stateMachines) as (keyof typeof stateMachines)[];

const idOf = (workflow: string): string => `Workflow${workflow.charAt(0).toUpperCase()}${workflow.slice(1)}`;

/**
 * The workflows, the roles of the actions, and what is read of AWS for them. The functions are made with the targets, and
 * what the targets stand for is made of the functions: hence in two steps.
 */
export class Remediation {
  readonly targets: Pick<ResourceTargets, 'workflows' | 'actionRoles' | 'actionTargets'>;
  readonly #stack: Stack;
  readonly #config: StackConfig;
  #roles: ActionRoles | undefined;

  constructor(stack: Stack, config: StackConfig) {
    this.#stack = stack;
    this.#config = config;
    this.targets = {
      workflows: workflowsTarget(stack, workflowNames),
      actionTargets: actionTargets(config),
      // What allows to take them stands in a policy of their own: nothing is granted by the target.
      actionRoles: ActionRoles.areWanted(config)
        ? { address: Lazy.string({ produce: () => this.#roles?.address }), arn: [] }
        : undefined,
    };
  }

  /** Once all functions are there. */
  complete(functions: ReadonlyMap<string, HomeostatFunction>): void {
    const called = ({ name }: FunctionContract): HomeostatFunction => {
      const deployed = functions.get(name);
      if (!deployed) throw new Error(`the workflows call ${name}, which is not deployed`);
      return deployed;
    };
    const steps = {
      Gate: called(contracts.remedyGate),
      Approval: called(contracts.remedyApproval),
      Apply: called(contracts.remedyApply),
      Verify: called(contracts.remedyVerify),
      Close: called(contracts.remedyClose),
    };
    if (ActionRoles.areWanted(this.#config))
      this.#roles = new ActionRoles(this.#stack, this.#config, steps.Apply.role);
    for (const workflow of workflowNames) {
      new WorkflowMachine(this.#stack, idOf(workflow), workflow, stateMachines[workflow], {
        config: this.#config,
        steps,
      });
    }
  }

  get stateMachineArns(): readonly string[] {
    return [this.targets.workflows?.arn ?? []].flat();
  }
}
