import type { Clock } from '../../../shared/platform/clock.ts';

/**
 * The host's time. `driven` time stands still until the host moves it; workers read it from `shared` memory. `real`
 * time is the machine's, and `shared` is absent.
 */
export type HostClock = {
  readonly kind: 'real' | 'driven';
  readonly now: Clock;
  readonly shared?: SharedArrayBuffer;
  /** Moves driven time forward; never back. */
  moveTo(instant: number): void;
};

export const realClock = (): HostClock => ({
  kind: 'real',
  now: () => Date.now(),
  moveTo() {
    throw new Error('only a driven clock can be moved: start the host with clock: "driven"');
  },
});

/** Starts at the machine's now, so that certificates of real targets are valid, unless told otherwise. */
export const drivenClock = (startsAt = Date.now()): HostClock => {
  const shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const cell = new BigInt64Array(shared);
  Atomics.store(cell, 0, BigInt(startsAt));
  const now = () => Number(Atomics.load(cell, 0));
  return {
    kind: 'driven',
    now,
    shared,
    moveTo(instant) {
      if (instant > now()) Atomics.store(cell, 0, BigInt(Math.floor(instant)));
    },
  };
};
