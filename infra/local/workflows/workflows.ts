import type { EventBusHost } from '../events/bus.ts';
import type { Service } from '../gateway/gateway.ts';
import type { World } from '../world.ts';
import { readMachines } from './definition.ts';
import { createEngine, type Engine } from './engine.ts';
import type { Execution } from './execution.ts';
import { createStatesService } from './service.ts';
import { statusChange } from './status-change.ts';
import { openExecutions } from './store.ts';
import { callFunction, type TaskOptions } from './task.ts';
import { executionOfToken, machineOfExecution } from './token.ts';

export type Workflows = {
  readonly service: Service;
  /** The state machine that a task token belongs to. */
  machineOfToken(token: string): string | undefined;
} & Pick<Engine, 'takeUp' | 'stop' | 'close'>;

/** The state machines of the stack; undefined when it has none. Throws for one whose role is not for Step Functions. */
export const openWorkflows = (
  world: World,
  onFunctionError: TaskOptions['onFunctionError'],
  bus: EventBusHost,
): Workflows | undefined => {
  const { local, roles, access, fleet, log } = world;
  const machines = readMachines(local);
  if (machines.length === 0) return undefined;
  for (const { logicalId, roleArn } of machines) {
    const trusted = access.mayTakeRole('states.amazonaws.com', roles.byArn(roleArn));
    if (!trusted.allowed) throw new Error(`${logicalId} cannot run: ${trusted.sentence}`);
  }
  const store = openExecutions(world.inData('executions.sqlite'));
  const tell = async (execution: Execution): Promise<void> => {
    const { status, machineName, name, failure } = execution;
    if (status !== 'RUNNING' && status !== 'SUCCEEDED') {
      const why = [failure?.error, failure?.cause].filter(Boolean).join(': ');
      log({ level: 'error', source: machineName, text: `execution ${name} ${status}${why && `: ${why}`}` });
    }
    await bus.tell(statusChange(execution));
  };
  const engine = createEngine({
    ...world,
    store,
    call: (execution, { state, input }) =>
      callFunction({ fleet, roles, access, onFunctionError }, execution, state, input),
    tell,
  });
  return {
    service: createStatesService({ machines, store, engine, clock: world.clock }),
    machineOfToken: (token) => machineOfExecution(executionOfToken(token) ?? ''),
    takeUp: engine.takeUp,
    stop: engine.stop,
    close() {
      engine.close();
      store.close();
    },
  };
};
