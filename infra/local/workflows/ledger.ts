import type { Agenda, Cancel } from '../time/agenda.ts';
import type { HostClock } from '../time/clock.ts';
import { type Definition, parseDefinition } from './definition.ts';
import type { Execution, HistoryEvent, Phase, Position } from './execution.ts';
import { failed, succeeded } from './history.ts';
import type { Failure } from './interpret.ts';
import type { ExecutionStore } from './store.ts';

/** An execution that runs on this host now. */
export type Live = {
  /** As it is recorded. */
  readonly execution: Execution;
  readonly definition: Definition;
};

type Kept = { execution: Execution; readonly definition: Definition; deadline?: Cancel; timers: Cancel[] };

export type BadEnd = 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** The executions under way: nothing of them changes without being recorded first. */
export type Ledger = {
  find(arn: string): Live | undefined;
  /** Takes an execution up, with the deadline of its definition. */
  admit(execution: Execution): Live;
  enter(one: Live, position: Position, ...events: HistoryEvent[]): void;
  /** Another phase of the same entry: what the one before waited for counts for nothing any more. */
  enterPhase(one: Live, position: Position, phase: Phase, ...events: HistoryEvent[]): void;
  /** Something for the phase to do at an instant, unless it is over before. */
  later(one: Live, at: number, run: () => void): void;
  succeed(one: Live, output: string, ...events: HistoryEvent[]): void;
  fail(one: Live, status: BadEnd, failure: Partial<Failure>): void;
};

export type LedgerOptions = {
  readonly store: ExecutionStore;
  readonly clock: HostClock;
  readonly agenda: Agenda;
  readonly onEnded: (execution: Execution) => void;
};

export const createLedger = ({ store, clock, agenda, onEnded }: LedgerOptions): Ledger => {
  const live = new Map<string, Kept>();

  const kept = (one: Live): Kept => {
    const found = live.get(one.execution.arn);
    if (!found) throw new Error(`the execution ${one.execution.arn} has ended`);
    return found;
  };
  const write = (one: Live, change: Partial<Execution>, events: readonly HistoryEvent[]): void => {
    const changed = { ...one.execution, ...change };
    store.record(changed, events);
    kept(one).execution = changed;
  };
  const clear = (one: Live): void => {
    for (const cancel of kept(one).timers.splice(0)) cancel();
  };
  const finish = (one: Live, change: Partial<Execution>, events: readonly HistoryEvent[]): void => {
    clear(one);
    write(one, { ...change, stoppedAt: clock.now(), position: undefined }, events);
    kept(one).deadline?.();
    live.delete(one.execution.arn);
    onEnded(one.execution);
  };
  const fail = (one: Live, status: BadEnd, failure: Partial<Failure>): void =>
    finish(one, { status, failure }, [failed(status, failure, clock.now())]);

  return {
    find: (arn) => live.get(arn),
    admit(execution) {
      const definition = parseDefinition(execution.definition);
      const one: Kept = { execution, definition, timers: [] };
      live.set(execution.arn, one);
      if (definition.TimeoutSeconds !== undefined) {
        const endsAt = execution.startedAt + definition.TimeoutSeconds * 1000;
        one.deadline = agenda.at(endsAt, () => fail(one, 'TIMED_OUT', {}));
      }
      return one;
    },
    enter: (one, position, ...events) => write(one, { position }, events),
    enterPhase(one, position, phase, ...events) {
      clear(one);
      write(one, { position: { ...position, phase } }, events);
    },
    later: (one, at, run) => void kept(one).timers.push(agenda.at(at, run)),
    succeed: (one, output, ...events) =>
      finish(one, { status: 'SUCCEEDED', output }, [...events, succeeded(output, clock.now())]),
    fail,
  };
};
