import type { ProbePorts } from './ports.ts';

/** What is read from our own tables and stores before or instead of asking a target. */
const readings = {
  secret: 'secrets',
  members: 'the standings of other checks',
  lastPing: 'pings',
} as const satisfies Partial<Record<keyof ProbePorts, string>>;

export type Watched = {
  readonly ports: ProbePorts;
  /** What is waited for now; undefined when it is the target's turn. */
  awaited(): string | undefined;
};

/**
 * Ports that know what they still wait for: a deadline that comes while our own side has not answered is no fault of
 * the target's (fault 16). Functions of the team are targets themselves, and `describe` says so by itself.
 */
export const watched = (ports: ProbePorts): Watched => {
  const waiting: string[] = [];
  const during = async <T>(what: string, read: () => Promise<T>): Promise<T> => {
    waiting.push(what);
    try {
      return await read();
    } finally {
      waiting.splice(waiting.indexOf(what), 1);
    }
  };
  return {
    ports: {
      ...ports,
      secret: (name) => during(readings.secret, () => ports.secret(name)),
      members: (checkIds) => during(readings.members, () => ports.members(checkIds)),
      lastPing: (checkId) => during(readings.lastPing, () => ports.lastPing(checkId)),
    },
    awaited: () => waiting[0],
  };
};
