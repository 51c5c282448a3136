import { type Reach, reaches, requireReach } from '../platform/api/caller.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import { faultOf, matches, parseMatcher } from './matchers.ts';
import type { Mute } from './mute.ts';
import type { Matcher } from './settings.ts';

/** A matcher as people give it: as Alertmanager writes it, or in parts. */
export type MatcherInput = string | Matcher;

/** Reads matchers. Throws VALIDATION_ERROR that names each one that is wrong; `path` is where they stand. */
export const readMatchers = async (
  given: readonly MatcherInput[],
  path = 'matchers',
): Promise<readonly Matcher[]> => {
  const faults: FieldFault[] = [];
  const read = await Promise.all(
    given.map(async (one, at): Promise<Matcher[]> => {
      const fault = (message: string) => {
        faults.push({ path: `${path}[${at}]`, message });
        return [];
      };
      try {
        if (typeof one === 'string') return [await parseMatcher(one)];
        const wrong = await faultOf(one);
        return wrong === undefined ? [one] : fault(`The matcher ${wrong}.`);
      } catch (error) {
        if (error instanceof DomainError) return fault(error.message);
        throw error;
      }
    }),
  );
  if (faults.length > 0) throw new DomainError('VALIDATION_ERROR', 'A matcher cannot be read.', faults);
  return read.flat();
};

/**
 * Matchers of a mute. One at least must ask for something: those that an alert without any label passes as well would
 * mute everything by one slip of the pen.
 */
export const readMuteMatchers = async (given: readonly MatcherInput[]): Promise<readonly Matcher[]> => {
  const read = await readMatchers(given);
  if (!(await matches(read, {}))) return read;
  const message =
    'These match every alert. Name what is meant, such as deployment=shop; for really everything write rule=~".+".';
  throw new DomainError('VALIDATION_ERROR', 'The matchers match everything.', [
    { path: 'matchers', message },
  ]);
};

/** The deployment that all matched alerts belong to; null where the matchers do not pin it down. */
export const deploymentOf = ({ matchers }: Pick<Mute, 'matchers'>): string | null =>
  matchers.find(({ label, operator }) => label === 'deployment' && operator === '=')?.value ?? null;

/** A mute of one deployment is seen by who reaches that; any other only by who reaches all. */
export const reachesMute = (reach: Reach, mute: Pick<Mute, 'matchers'>): boolean => {
  const deploymentId = deploymentOf(mute);
  return reach === '*' || (deploymentId !== null && reaches(reach, deploymentId));
};

/** Throws FORBIDDEN or NOT_FOUND where a token would mute more than it reaches. */
export const requireMuteReach = (reach: Reach, mute: Pick<Mute, 'matchers'>): void => {
  if (reach === '*') return;
  const deploymentId = deploymentOf(mute);
  if (deploymentId !== null) {
    requireReach(reach, deploymentId);
    return;
  }
  throw new DomainError('FORBIDDEN', 'The token does not reach all that this would mute.', [
    { path: 'matchers', message: 'Add a matcher deployment=<id> of a deployment that your token reaches.' },
  ]);
};
