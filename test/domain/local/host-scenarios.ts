import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from './small-stack.ts';
import { clientOf } from './small-workflow.ts';
import { planHashOf, type Scenario } from './workflow-scenarios.ts';
import { type Call, openSteps, stepModule, workflowResources } from './workflow-steps.ts';

export type Run = {
  /** `5 Gate`: the state, and the seconds from the start to its entry. */
  readonly entered: readonly string[];
  readonly calls: readonly Call[];
  readonly status: string | undefined;
  readonly error: string | undefined;
  /** From the start to the end. */
  readonly lastedSeconds: number;
};

const hosted =
  (url: string) =>
  ({ Resources }: RawTemplate): void => {
    delete Resources.Tick;
    const added = workflowResources(
      url,
      { Metadata: { 'aws:asset:path': 'step' } },
      // The functions of many executions at once share two cores.
      { ...Resources.Worker?.Properties, Timeout: 60 },
    );
    Object.assign(Resources, added);
  };

/** Plays all of them in one local host, at once, in two hours of its driven clock. */
export const playInLocalHost = async (scenarios: readonly Scenario[]): Promise<Map<Scenario, Run>> => {
  const steps = await openSteps();
  const stack = writeSmallStack(hosted(steps.url));
  mkdirSync(join(stack.assemblyDir, 'step'));
  writeFileSync(join(stack.assemblyDir, 'step', 'index.mjs'), stepModule);
  const host = await startHost({ assemblyDir: stack.assemblyDir, clock: 'driven', catchUp: false });
  try {
    const client = clientOf(host);
    steps.peopleAnswer((taskToken, output) => client.send(new SendTaskSuccessCommand({ taskToken, output })));
    const startedAt = host.now();
    const started = new Map<Scenario, string | undefined>();
    for (const scenario of scenarios) {
      const planHash = planHashOf(scenario);
      steps.play(planHash, scenario.script);
      const { executionArn } = await client.send(
        new StartExecutionCommand({
          stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${scenario.workflow}`,
          name: planHash,
          input: JSON.stringify({ planHash, attempt: 1 }),
        }),
      );
      started.set(scenario, executionArn);
    }
    await host.advance('2h');
    const runs = new Map<Scenario, Run>();
    for (const [scenario, executionArn] of started) {
      const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
      const { status, error, stopDate } = await client.send(new DescribeExecutionCommand({ executionArn }));
      const lastedSeconds = (Number(stopDate) - startedAt) / 1000;
      const entered = events.flatMap(({ timestamp, stateEnteredEventDetails: state }) =>
        state ? [`${(Number(timestamp) - startedAt) / 1000} ${state.name}`] : [],
      );
      const calls = steps.callsOf(planHashOf(scenario));
      runs.set(scenario, { entered, calls, status, error, lastedSeconds });
    }
    return runs;
  } finally {
    await host.stop();
    stack.remove();
    await steps.close();
  }
};
