import type { Json } from '../template/template.ts';
import type { Activity } from '../time/activity.ts';
import type { Agenda } from '../time/agenda.ts';
import type { HostClock } from '../time/clock.ts';
import type { Machine } from './definition.ts';
import { type Execution, executionArnOf, type Position, retriesOf, type TaskPhase } from './execution.ts';
import * as history from './history.ts';
import type { Failure, Outcome, Transition } from './interpret.ts';
import { createLedger, type Ledger, type Live } from './ledger.ts';
import { type Begun, stepOf } from './step.ts';
import type { ExecutionStore } from './store.ts';
import { executionOfToken } from './token.ts';

export type EngineOptions = {
  readonly store: ExecutionStore;
  readonly clock: HostClock;
  readonly agenda: Agenda;
  readonly activity: Activity;
  /** Calls the function of a task; undefined when the host stopped before it answered. */
  readonly call: (execution: Execution, task: Begun) => Promise<Outcome | undefined>;
  /** Tells that an execution began or ended; it is heard when this resolves. */
  readonly tell: (execution: Execution) => Promise<void>;
  readonly onFault: (error: Error) => void;
};

/** Runs executions of state machines: each step is recorded before the next, and time is the host's. */
export type Engine = {
  /** It is recorded when this returns. */
  start(machine: Machine, name: string, input: string): Execution;
  abort(arn: string, failure: Partial<Failure>): void;
  /** False: no task waits for this token any more. */
  answer(token: string, outcome: Outcome): boolean;
  heartbeat(token: string): boolean;
  /** Goes on with what an earlier host left. */
  takeUp(): void;
  /** Begins no more steps; the next host goes on with them. */
  stop(): void;
  /** From now on nothing is recorded. */
  close(): void;
};

/** What a state may hand to the next. */
const mostBytes = 256 * 1024;
const tooMuch: Failure = {
  error: 'States.DataLimitExceeded',
  cause: `a state handed on more than ${mostBytes} bytes`,
};
const interrupted: Failure = {
  error: 'States.TaskFailed',
  cause: 'the host ended while the function worked: nobody knows how far it came',
};

export const createEngine = (options: EngineOptions): Engine => {
  const { store, clock, activity } = options;
  let state: 'open' | 'stopped' | 'closed' = 'open';

  const background = (work: Promise<void>): void => {
    const onFault = (error: Error) => (state === 'closed' ? undefined : options.onFault(error));
    void activity.during(work.catch(onFault));
  };
  const tell = (execution: Execution): void => {
    const isEnd = execution.status !== 'RUNNING';
    const markTold = () => (isEnd && state !== 'closed' ? store.markTold(execution.arn) : undefined);
    background(options.tell(execution).then(markTold));
  };
  const ledger = createLedger({ ...options, onEnded: tell });
  const run: Run = {
    ledger,
    clock,
    isOpen: () => state === 'open',
    isClosed: () => state === 'closed',
    call: (one, position, begun) =>
      background(options.call(one.execution, begun).then((outcome) => called(run, one, position, outcome))),
    goOn(one) {
      if (state === 'open') background(proceed(run, one));
    },
  };

  return {
    start(machine, name, input) {
      const startedAt = clock.now();
      const one = ledger.admit({
        arn: executionArnOf(machine.arn, name),
        machineArn: machine.arn,
        machineName: machine.name,
        name,
        roleArn: machine.roleArn,
        definition: machine.definition,
        input,
        startedAt,
        status: 'RUNNING',
      });
      enter(run, one, 1, one.definition.StartAt, JSON.parse(input) as Json, history.started(one.execution));
      tell(one.execution);
      run.goOn(one);
      return one.execution;
    },
    abort(arn, failure) {
      const one = ledger.find(arn);
      if (one) ledger.fail(one, 'ABORTED', failure);
    },
    answer(token, outcome) {
      const waiting = waitingFor(ledger, token);
      if (waiting) endTask(run, waiting.one, waiting.position, outcome);
      return waiting !== undefined;
    },
    heartbeat(token) {
      const waiting = waitingFor(ledger, token);
      if (waiting?.phase.heartbeatMs !== undefined) {
        const { one, position, phase } = waiting;
        armTask(run, one, position, { ...phase, heartbeatAt: clock.now() + waiting.phase.heartbeatMs });
      }
      return waiting !== undefined;
    },
    takeUp() {
      for (const execution of store.running()) resume(run, ledger.admit(execution));
      for (const execution of store.untold()) tell(execution);
    },
    stop() {
      if (state === 'open') state = 'stopped';
    },
    close() {
      state = 'closed';
    },
  };
};

/** What the steps of executions share. */
type Run = {
  readonly ledger: Ledger;
  readonly clock: HostClock;
  readonly isOpen: () => boolean;
  readonly isClosed: () => boolean;
  readonly call: (one: Live, position: Position, task: Begun) => void;
  readonly goOn: (one: Live) => void;
};

/** From one step to the next until the execution waits for something or has ended. */
const proceed = async (run: Run, one: Live): Promise<void> => {
  for (;;) {
    const { position } = one.execution;
    if (!position || !run.isOpen()) return;
    const step = await stepOf(one.execution, one.definition, position, run.clock.now(), Math.random);
    // Aborted, timed out or stopped meanwhile: then what came of it counts for nothing.
    if (one.execution.position !== position || !run.isOpen()) return;
    switch (step.kind) {
      case 'task': {
        const event = history.scheduled(step.state.Resource ?? '', step.input, run.clock.now());
        armTask(run, one, position, step.phase, event);
        run.call(one, position, step);
        return;
      }
      case 'phase':
        run.ledger.enterPhase(one, { ...position, retries: step.retries ?? position.retries }, step.phase);
        break;
      case 'transition':
        follow(run, one, position, step.transition);
        break;
      default:
        if (step.untilAt !== undefined) run.ledger.later(one, step.untilAt, () => run.goOn(one));
        return;
    }
  }
};

const typeOf = (one: Live, name: string): string => one.definition.States[name]?.Type ?? 'Unknown';

const enter = (
  { ledger, clock }: Run,
  one: Live,
  entry: number,
  state: string,
  input: Json,
  before: history.Event,
): void => {
  const phase = { kind: 'entered' } as const;
  const position: Position = { entry, state, input, enteredAt: clock.now(), retries: [], phase };
  ledger.enter(one, position, before, history.entered(typeOf(one, state), position));
};

const follow = (run: Run, one: Live, position: Position, transition: Transition): void => {
  if ('error' in transition) {
    run.ledger.fail(one, 'FAILED', transition);
    return;
  }
  const { next, output } = transition;
  const text = JSON.stringify(output);
  const exit = history.left(typeOf(one, position.state), position.state, text, run.clock.now());
  if (Buffer.byteLength(text) > mostBytes) run.ledger.fail(one, 'FAILED', tooMuch);
  else if (next === undefined) run.ledger.succeed(one, text, exit);
  else enter(run, one, position.entry + 1, next, output, exit);
};

/** Whether it is still the same entry of the state, and the same try of its task. */
const taskAt = (one: Live, then: Position): { position: Position; phase: TaskPhase } | undefined => {
  const { position } = one.execution;
  if (position?.phase.kind !== 'task') return undefined;
  const isSame = position.entry === then.entry && retriesOf(position) === retriesOf(then);
  return isSame ? { position, phase: position.phase } : undefined;
};

const armTask = (
  run: Run,
  one: Live,
  position: Position,
  phase: TaskPhase,
  ...events: history.Event[]
): void => {
  run.ledger.enterPhase(one, position, phase, ...events);
  const due = [
    [phase.timeoutAt, 'States.Timeout'],
    [phase.heartbeatAt, 'States.HeartbeatTimeout'],
  ] as const;
  for (const [at, error] of due) {
    if (at !== undefined) run.ledger.later(one, at, () => endTask(run, one, position, { error, cause: '' }));
  }
};

const endTask = (run: Run, one: Live, then: Position, outcome: Outcome): void => {
  const task = run.isClosed() ? undefined : taskAt(one, then);
  if (!task) return;
  const event = history.taskEnded(outcome, run.clock.now());
  run.ledger.enterPhase(one, task.position, { kind: 'ended', outcome }, event);
  run.goOn(one);
};

/** The function answered. Without an answer it stays recorded as begun, and the next host fails it. */
const called = (run: Run, one: Live, then: Position, outcome: Outcome | undefined): void => {
  const task = run.isClosed() ? undefined : taskAt(one, then);
  if (!task || !outcome) return;
  if (task.phase.token === undefined || 'error' in outcome) endTask(run, one, then, outcome);
  else armTask(run, one, task.position, { ...task.phase, isInvoking: false });
};

const resume = (run: Run, one: Live): void => {
  const { position } = one.execution;
  if (position?.phase.kind !== 'task') run.goOn(one);
  else if (position.phase.isInvoking) endTask(run, one, position, interrupted);
  else armTask(run, one, position, position.phase);
};

const waitingFor = (
  ledger: Ledger,
  token: string,
): { one: Live; position: Position; phase: TaskPhase } | undefined => {
  const one = ledger.find(executionOfToken(token) ?? '');
  const position = one?.execution.position;
  if (!one || position?.phase.kind !== 'task' || position.phase.token !== token) return undefined;
  return { one, position, phase: position.phase };
};
