import type { Execution, HistoryEvent, Position } from './execution.ts';
import type { Failure, Outcome } from './interpret.ts';

/** What GetExecutionHistory tells, under the names that the service has for it. */
export type Event = HistoryEvent;

export const started = (execution: Execution): HistoryEvent => ({
  at: execution.startedAt,
  type: 'ExecutionStarted',
  details: { executionStartedEventDetails: { input: execution.input, roleArn: execution.roleArn } },
});

export const entered = (type: string, { state, input, enteredAt }: Position): HistoryEvent => ({
  at: enteredAt,
  type: `${type}StateEntered`,
  details: { stateEnteredEventDetails: { name: state, input: JSON.stringify(input) } },
});

export const left = (type: string, name: string, output: string, at: number): HistoryEvent => ({
  at,
  type: `${type}StateExited`,
  details: { stateExitedEventDetails: { name, output } },
});

export const scheduled = (resource: string, input: unknown, at: number): HistoryEvent => ({
  at,
  type: 'TaskScheduled',
  details: {
    taskScheduledEventDetails: {
      resourceType: 'lambda',
      resource: resource.split(':lambda:').at(-1),
      parameters: JSON.stringify(input),
    },
  },
});

export const taskEnded = (outcome: Outcome, at: number): HistoryEvent => {
  const resource = { resourceType: 'lambda', resource: 'invoke' };
  if ('result' in outcome) {
    const output = JSON.stringify(outcome.result);
    return { at, type: 'TaskSucceeded', details: { taskSucceededEventDetails: { ...resource, output } } };
  }
  return /^States\.(Heartbeat)?Timeout$/.test(outcome.error)
    ? { at, type: 'TaskTimedOut', details: { taskTimedOutEventDetails: { ...resource, ...outcome } } }
    : { at, type: 'TaskFailed', details: { taskFailedEventDetails: { ...resource, ...outcome } } };
};

const endings = {
  FAILED: ['ExecutionFailed', 'executionFailedEventDetails'],
  TIMED_OUT: ['ExecutionTimedOut', 'executionTimedOutEventDetails'],
  ABORTED: ['ExecutionAborted', 'executionAbortedEventDetails'],
} as const;

export const failed = (status: keyof typeof endings, failure: Partial<Failure>, at: number): HistoryEvent => {
  const [type, details] = endings[status];
  return { at, type, details: { [details]: failure } };
};

export const succeeded = (output: string, at: number): HistoryEvent => ({
  at,
  type: 'ExecutionSucceeded',
  details: { executionSucceededEventDetails: { output } },
});
