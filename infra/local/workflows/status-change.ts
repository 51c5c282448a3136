import type { Execution } from './execution.ts';

/** What Step Functions tells on the default bus when an execution began or ended, in the form of PutEvents. */
export const statusChange = (execution: Execution): Readonly<Record<string, unknown>> => {
  const { arn, machineArn, name, status, startedAt, stoppedAt, input, output, failure } = execution;
  return {
    Source: 'aws.states',
    DetailType: 'Step Functions Execution Status Change',
    Resources: [arn],
    Detail: JSON.stringify({
      executionArn: arn,
      stateMachineArn: machineArn,
      name,
      status,
      startDate: startedAt,
      stopDate: stoppedAt ?? null,
      input,
      output: output ?? null,
      inputDetails: { included: true },
      outputDetails: output === undefined ? null : { included: true },
      error: failure?.error ?? null,
      cause: failure?.cause ?? null,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
    }),
  };
};
