import type { Messaging } from '../messaging/messaging.ts';
import type { MessagingState } from '../messaging/protocol.ts';
import type { Activity } from './activity.ts';
import type { Agenda } from './agenda.ts';
import type { HostClock } from './clock.ts';

/** Moves a driven clock from one due thing to the next, each time after everything that is under way has ended. */
export type Driver = {
  /** Waits until nothing is under way and nothing could start at this instant. */
  settle(): Promise<void>;
  /** Everything that is due until then happens, in order; afterwards it is that instant. */
  runUntil(instant: number): Promise<void>;
};

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const createDriver = (
  clock: HostClock,
  agenda: Agenda,
  activity: Activity,
  messaging: Messaging,
): Driver => {
  const settle = async (): Promise<MessagingState> => {
    for (;;) {
      await activity.idle();
      agenda.runDue();
      // The thread answers after it has told of everything that can be received, so this round trip is a barrier.
      const state = await messaging.state();
      if (activity.count() === 0 && state.deliverable === 0) return state;
      await nextTurn();
    }
  };
  return {
    async settle() {
      await settle();
    },
    async runUntil(instant) {
      for (;;) {
        const { nextAt } = await settle();
        const due = [agenda.nextAt(), nextAt].filter((at) => at !== undefined);
        const next = Math.min(...due);
        if (due.length === 0 || next > instant) break;
        clock.moveTo(next);
      }
      clock.moveTo(instant);
      await settle();
    },
  };
};
