import type { Clock } from '../../platform/clock.ts';

/** What was read, and since when it could not be read anew; undefined while it is fresh. */
export type Remembered<T> = { readonly value: T; readonly staleSince?: number | undefined };

type Entry<T> = {
  value?: { readonly it: T; readonly readAt: number };
  reading?: Promise<T> | undefined;
  failedAt?: number;
};

type Given = {
  readonly clock: Clock;
  readonly freshMs: number;
  readonly most: number;
  /** Told of a failure that is answered from before. */
  readonly onFault?: ((error: Error) => void) | undefined;
};

/** After a failure nothing is asked for so long: readers must not keep a struggling table from recovering. */
const pauseMs = 5000;

/**
 * What a warm function knows, for at most `freshMs`, so that a flood of readers costs as much as one. Whoever comes while
 * it is read waits for that reading. What cannot be read is answered from before, with since when; with nothing from
 * before, the error is thrown. Holds at most `most`, those asked for last.
 */
export class Memory<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  async get(name: string, read: () => Promise<T>): Promise<Remembered<T>> {
    const entry = this.#touch(name);
    const now = this.#given.clock();
    const { value } = entry;
    if (value && now - value.readAt < this.#given.freshMs) return { value: value.it };
    if (value && entry.failedAt !== undefined && now - entry.failedAt < pauseMs) {
      return { value: value.it, staleSince: value.readAt };
    }
    try {
      return { value: await this.#read(entry, read, now) };
    } catch (error) {
      entry.failedAt = now;
      if (!value) throw error;
      this.#given.onFault?.(error as Error);
      return { value: value.it, staleSince: value.readAt };
    }
  }

  #read(entry: Entry<T>, read: () => Promise<T>, now: number): Promise<T> {
    entry.reading ??= read()
      .then((it) => {
        entry.value = { it, readAt: now };
        return it;
      })
      .finally(() => {
        entry.reading = undefined;
      });
    return entry.reading;
  }

  /** A map keeps the order of insertion: put again, an entry is the youngest. */
  #touch(name: string): Entry<T> {
    const entry = this.#entries.get(name) ?? {};
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#given.most) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }
}
