import { beforeAll, describe, expect, test } from 'vitest';
import { playInLocalHost, type Run } from './host-scenarios.ts';
import { planHashOf, type Scenario, scenarios, withSeconds } from './workflow-scenarios.ts';
import { inShort } from './workflow-steps.ts';

/** The state machines of remediation as the local host runs them, with steps that answer what a scenario says. */

let runs: Map<Scenario, Run>;
beforeAll(async () => {
  runs = await playInLocalHost(scenarios);
  // Some eighty executions.
}, 60_000);
const runOf = (scenario: Scenario): Run => {
  const run = runs.get(scenario);
  if (!run) throw new Error(`${scenario.workflow} was not played: ${scenario.rule}`);
  return run;
};

describe.each(scenarios)('$workflow: $rule', (scenario) => {
  test('in this order, at these seconds', () => {
    const { entered, calls, status } = runOf(scenario);
    expect(entered).toEqual(withSeconds(scenario.entered));
    expect(inShort(calls)).toBe(scenario.called);
    expect(status).toBe(scenario.status);
  });
});

test('every step of every workflow is told the plan, the attempt and its execution', () => {
  for (const scenario of scenarios) {
    const planHash = planHashOf(scenario);
    const execution = `arn:aws:states:us-east-1:000000000000:execution:${scenario.workflow}:${planHash}`;
    for (const { told } of runOf(scenario).calls) expect(told).toMatchObject({ planHash, execution });
  }
});

const failing = (step: 'Apply' | 'Verify' | 'Close') =>
  scenarios.filter(({ script }) => script[step]?.every((answer) => 'fails' in answer));

test('a close after a failure is told what failed, by the name that the step gave it', () => {
  const unknown = scenarios.filter(({ rule }) => rule.startsWith('an apply of which nobody knows'));
  expect(unknown).toHaveLength(5);
  for (const scenario of unknown)
    expect(runOf(scenario).calls.at(-1)?.told.failure).toMatchObject({ Error: 'TimeoutError' });
  expect(failing('Verify')).toHaveLength(5);
  for (const scenario of failing('Verify'))
    expect(runOf(scenario).calls.at(-1)?.told.failure).toMatchObject({ Error: 'ThrottlingException' });
});

test('an execution whose end cannot be written fails with what kept it from that', () => {
  expect(failing('Close')).toHaveLength(5);
  for (const scenario of failing('Close')) {
    const { error, lastedSeconds } = runOf(scenario);
    // Tried again after 5, 10, 20, 40 and 80 seconds; heal lets settle what fails together for five before.
    const seconds = scenario.workflow === 'heal' ? 160 : 155;
    expect([error, lastedSeconds]).toEqual(['ThrottlingException', seconds]);
  }
});
