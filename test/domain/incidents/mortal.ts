import { DomainError } from '../../../shared/platform/errors.ts';
import type { Interrupt } from './memory.ts';

/** What a test throws where a function is killed. */
export class Killed extends Error {
  override name = 'Killed';
}

type Work = () => Promise<unknown>;

/** What can be killed at any of its calls, and is done again or not. */
export const openMortal = (clock: () => number) => {
  let interrupt: Interrupt = () => {};
  /** Whoever was killed does nothing more, whatever it catches. */
  let isDead = false;
  let isCalm = false;
  let redone: 'at once' | number = 'at once';
  const redo: { at: number; work: Work }[] = [];
  const buried = async () => {
    // What it had begun beside it dies with it.
    await new Promise(setImmediate);
    isDead = false;
  };
  const interrupted: Interrupt = (what) => {
    if (isCalm) return;
    if (isDead) throw new Killed(what);
    try {
      interrupt(what);
    } catch (error) {
      isDead = error instanceof Killed;
      throw error;
    }
  };
  /** What was killed is done again, as the queue, the evaluator or a person would, at once or a while later. */
  const surviving = async (work: Work): Promise<void> => {
    for (let tries = 0; tries < 30; tries++) {
      try {
        await work();
        if (!isDead) return;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      await buried();
      if (redone === 'at once') continue;
      redo.push({ at: clock() + redone, work });
      return;
    }
    throw new Error('killed too often');
  };
  return {
    interrupted,
    surviving,
    redo,
    /** Does again what is due. */
    redoDue: async () => {
      const again = redo.filter(({ at }) => at <= clock());
      for (const one of again) redo.splice(redo.indexOf(one), 1);
      for (const { work } of again) await surviving(work);
    },
    /** What nobody does again when it is killed or refused. */
    abandoned: async (work: Work): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!(error instanceof Killed) && !(error instanceof DomainError)) throw error;
      }
      await buried();
    },
    /** What a test does on its own account is not killed. */
    calmly: async (work: Work): Promise<void> => {
      isCalm = true;
      await work();
      isCalm = false;
    },
    interruptWith: (other: Interrupt) => {
      interrupt = other;
    },
    redoneAfter: (after: 'at once' | number) => {
      redone = after;
    },
  };
};
