import { ActionRefused } from './actions/action.ts';
import type { ActionPorts, OnCall } from './actions/ports.ts';
import type { Application, ApplyWorld } from './apply.ts';
import { keepEntry } from './log.ts';
import type { Json, PlannedAction } from './plan.ts';
import type { CallMade, LogEntry } from './remediation.ts';

/** How an action ended. `failed`: for sure nothing was changed. `unknown`: a person has to look. */
export type Outcome = {
  readonly state: 'applied' | 'failed' | 'unknown';
  readonly reason?: string | undefined;
  readonly receipt?: Json | undefined;
  readonly durationMs: number;
};

/** What an action keeps for its verification is an id or two. */
const mostReceiptBytes = 1024;

/** Applies one action that was noted as begun. Never throws: whatever is not sure is unknown. */
export const applyAction = async (
  world: ApplyWorld,
  planned: PlannedAction,
  application: Application,
): Promise<Outcome> => {
  const startedAt = world.clock();
  const record = openRecord(world, application);
  const outcome = await attempted(world, planned, application, record.onCall);
  await record.kept();
  return { ...outcome, durationMs: Math.max(0, world.clock() - startedAt) };
};

const attempted = async (
  world: ApplyWorld,
  planned: PlannedAction,
  application: Application,
  onCall: OnCall,
): Promise<Omit<Outcome, 'durationMs'>> => {
  const action = world.actions[planned.kind];
  if (!action) return { state: 'failed', reason: `there is no action ${planned.kind}` };
  let ports: ActionPorts;
  try {
    ports = await world.openPorts(planned, application, onCall);
  } catch (error) {
    return { state: 'failed', reason: `its role could not be taken: ${messageOf(error)}` };
  }
  let receipt: Json | undefined;
  try {
    await action.apply(ports, planned, (kept) => {
      receipt = kept;
    });
    return { state: 'applied', ...(receipt !== undefined && { receipt: bounded(receipt) }) };
  } catch (error) {
    const state = error instanceof ActionRefused ? 'failed' : 'unknown';
    return { state, reason: messageOf(error), ...(receipt !== undefined && { receipt: bounded(receipt) }) };
  }
};

const bounded = (receipt: Json): Json => {
  const bytes = Buffer.byteLength(JSON.stringify(receipt));
  return bytes <= mostReceiptBytes ? receipt : `It had ${bytes} bytes; ${mostReceiptBytes} are kept.`;
};

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 500);

/** So many calls of an action keep their order within a millisecond. */
const mostCalls = 1000;

/** Keeps each call as soon as it was made: whoever is killed next has left its trace. */
const openRecord = (world: ApplyWorld, { planHash, attempt, no }: Application) => {
  const keeping: Promise<void>[] = [];
  const keep = async (call: CallMade, at: number): Promise<void> => {
    const entry: LogEntry = {
      at: call.at,
      kind: 'call',
      by: 'homeostat',
      attempt,
      text: `${call.service} ${call.operation}: ${call.outcome}`,
      call,
      durationMs: call.durationMs,
    };
    try {
      await keepEntry(world.state, planHash, entry, no * mostCalls + at);
    } catch (error) {
      world.onTrouble('a call of a remediation was not kept in its record', error as Error);
    }
  };
  return {
    onCall: (call: CallMade) => {
      keeping.push(keep(call, keeping.length));
    },
    kept: () => Promise.all(keeping),
  };
};
