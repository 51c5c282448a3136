import type { SFNClient } from '@aws-sdk/client-sfn';
import { clientSettings } from './client.ts';

/** The state machines of the stack; which there are says `infra/workflows`. */
export interface Workflows {
  /**
   * Starts an execution of that name. A name runs once: when one of that name runs, or ended within 90 days, none is
   * started, and `isNew` is false.
   */
  start(
    workflow: string,
    name: string,
    input: unknown,
  ): Promise<{ readonly arn: string; readonly isNew: boolean }>;
  /** Ends an execution where it stands, without any further step. One that ended already stays as it is. */
  stop(executionArn: string, reason: string): Promise<void>;
  /** Lets a step go on that waits with this token. `gone`: it went on before, timed out, or its execution ended. */
  answer(token: string, output: unknown): Promise<'answered' | 'gone'>;
}

let shared: SFNClient | undefined;

const open = async () => {
  const sdk = await import('./sdk/step-functions.aws.ts');
  shared ??= new sdk.SFNClient(clientSettings);
  return { sdk, client: shared };
};

const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** `arn:…:stateMachine:Homeostat-heal` and a name → the ARN of its execution of that name. */
const executionArn = (machineArn: string, name: string): string =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** `address` is what the ARNs of all state machines of the stack begin with: a workflow's name makes it complete. */
export const openWorkflows = (address: string): Workflows => ({
  async start(workflow, name, input) {
    const { sdk, client } = await open();
    const stateMachineArn = `${address}${workflow}`;
    const existing = { arn: executionArn(stateMachineArn, name), isNew: false };
    try {
      const answer = await client.send(
        new sdk.StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
      );
      // The very same call on a running execution succeeds without starting another one, and nothing tells the two apart.
      return { arn: answer.executionArn ?? existing.arn, isNew: true };
    } catch (error) {
      if (isNamed(error, 'ExecutionAlreadyExists')) return existing;
      throw error;
    }
  },

  async stop(arn, reason) {
    const { sdk, client } = await open();
    try {
      await client.send(new sdk.StopExecutionCommand({ executionArn: arn, cause: reason.slice(0, 1_000) }));
    } catch (error) {
      if (!isNamed(error, 'ExecutionDoesNotExist')) throw error;
    }
  },

  async answer(token, output) {
    const { sdk, client } = await open();
    try {
      await client.send(new sdk.SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(output) }));
      return 'answered';
    } catch (error) {
      if (isNamed(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) return 'gone';
      throw error;
    }
  },
});
