import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Aws, type Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { StackConfig } from '../config.ts';
import type { StateMachine, Substitution } from '../workflows/index.ts';
import type { HomeostatFunction } from './function.ts';
import type { ResourceTarget } from './permissions.ts';
import { makeRole } from './role.ts';

type StepName = Exclude<Substitution, 'CallAndWait'>;
/** The functions that the steps of the workflows call. */
export type StepFunctions = Readonly<Record<StepName, HomeostatFunction>>;

const nameOf = (stack: Stack, workflow: string): string => `${stack.stackName}-${workflow}`;

const inStates = (resource: string): string =>
  `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;

/**
 * The workflows as functions see them. By name, for the functions that start them and those that they call are made
 * before them.
 */
export const workflowsTarget = (stack: Stack, workflows: readonly string[]): ResourceTarget => ({
  address: inStates(`stateMachine:${nameOf(stack, '')}`),
  arn: workflows.map((workflow) => inStates(`stateMachine:${nameOf(stack, workflow)}`)),
  executionArns: workflows.map((workflow) => inStates(`execution:${nameOf(stack, workflow)}:*`)),
});

/** A standard state machine, with a role that may call its own steps and nothing else. */
export class WorkflowMachine extends Construct {
  constructor(
    scope: Stack,
    id: string,
    workflow: string,
    machine: StateMachine,
    { config, steps }: { readonly config: StackConfig; readonly steps: StepFunctions },
  ) {
    super(scope, id);
    const definition = JSON.stringify(machine);
    const called = (Object.keys(steps) as StepName[]).filter((name) => definition.includes(`\${${name}}`));
    const arnOf = (name: StepName): string => steps[name].resource.attrArn;
    const role = makeRole(this, 'Role', {
      config,
      takenBy: 'states.amazonaws.com',
      purpose: `Runs the workflow ${workflow}.`,
      grants: [
        {
          sid: 'Steps',
          actions: ['lambda:InvokeFunction'],
          resource: called.map(arnOf),
          why: `calls the steps of the workflow ${workflow}`,
        },
      ],
    });
    const resource = new CfnStateMachine(this, 'Resource', {
      stateMachineName: nameOf(scope, workflow),
      // Standard: a step is run exactly once unless the definition says otherwise, and a name once in 90 days.
      stateMachineType: 'STANDARD',
      definitionString: definition,
      definitionSubstitutions: {
        ...Object.fromEntries(called.map((name) => [name, arnOf(name)])),
        CallAndWait: `arn:${Aws.PARTITION}:states:::lambda:invoke.waitForTaskToken`,
      },
      roleArn: role.attrArn,
    });
    Validations.of(resource).acknowledge({
      id: 'AwsSolutions-SF1',
      reason:
        'Step Functions keeps the history of a standard execution for 90 days, and each remediation keeps its own record, ' +
        'which nobody can change. A log of the same would only need one more role.',
    });
    Validations.of(resource).acknowledge({
      id: 'AwsSolutions-SF2',
      reason:
        'Its few steps are minutes apart, and the history tells how long each took: there is nothing to trace.',
    });
  }
}
