import { type Reach, reaches } from '../platform/api/caller.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { Table } from '../storage/table.ts';
import { type CheckDefinition, type CheckReference, checkIdOf, membersOf } from './check.ts';
import { loadCheck } from './registry.ts';

/** The checks that a definition names, each with the field that names it. */
export const referencesOf = (
  definition: CheckDefinition,
): readonly { readonly path: string; readonly to: CheckReference }[] => [
  ...(definition.parent ? [{ path: 'parent', to: definition.parent }] : []),
  ...membersOf(definition).map((to, index) => ({ path: `config.members[${index}]`, to })),
];

/** The registry as it will be once a batch is written: what the batch defines, what it takes away, else what is there. */
export type Registry = {
  /** Undefined for what is not there, or not any more. */
  find(reference: CheckReference): Promise<CheckDefinition | undefined>;
};

const idOf = ({ deploymentId, name }: CheckReference): string => checkIdOf(deploymentId, name);

/** Reads each check once, whoever asks for it. */
export const registryWith = (
  state: Pick<Table, 'get'>,
  planned: readonly CheckDefinition[],
  leaving: readonly CheckReference[] = [],
): Registry => {
  const known = new Map<string, Promise<CheckDefinition | undefined>>();
  for (const reference of leaving) known.set(idOf(reference), Promise.resolve(undefined));
  for (const definition of planned) known.set(idOf(definition), Promise.resolve(definition));
  return {
    find(reference) {
      const id = idOf(reference);
      const read =
        known.get(id) ??
        loadCheck(state, id).then((stored) =>
          stored?.record.deletedAt === undefined ? stored?.record.definition : undefined,
        );
      known.set(id, read);
      return read;
    },
  };
};

/** Longer chains nobody can follow, and no run waits for. */
const deepest = 20;
/** Checks that one definition may lead to, through parents and members of members. */
const mostReached = 2000;

/**
 * What is wrong with what a definition names: a check that is not there (or out of reach, which looks the same), or
 * a way that leads back to the check itself, told as that way. Parents and members count alike: a composite whose
 * member is its own child could never be told.
 */
export const referenceFaults = async (
  definition: CheckDefinition,
  registry: Registry,
  reach: Reach,
): Promise<FieldFault[]> => {
  const named = referencesOf(definition);
  if (named.length === 0) return [];
  const self = idOf(definition);
  const reached = new Set<string>();
  const nameOf = (reference: CheckReference): string => {
    if (!reaches(reach, reference.deploymentId)) return 'a check out of reach';
    return reference.deploymentId === definition.deploymentId
      ? reference.name
      : `${reference.deploymentId}/${reference.name}`;
  };

  /** The way from here back to the check, or why it cannot be followed to its end. */
  const wayBack = async (
    from: CheckDefinition,
    way: readonly string[],
  ): Promise<{ readonly circle: readonly string[] } | 'too long' | undefined> => {
    const next = referencesOf(from);
    if (way.length > deepest || reached.size > mostReached) return next.length > 0 ? 'too long' : undefined;
    for (const { to } of next) {
      const id = idOf(to);
      if (id === self) return { circle: [...way, nameOf(to)] };
      if (reached.has(id)) continue;
      reached.add(id);
      const there = await registry.find(to);
      const found = there && (await wayBack(there, [...way, nameOf(to)]));
      if (found) return found;
    }
    return undefined;
  };

  const faults: FieldFault[] = [];
  const twice = membersOf(definition).map(idOf);
  for (const [index, id] of twice.entries()) {
    if (twice.indexOf(id) < index)
      faults.push({ path: `config.members[${index}]`, message: 'Name each check once.' });
  }
  const found = await Promise.all(named.map(({ to }) => registry.find(to)));
  for (const [index, { path, to }] of named.entries()) {
    const there = found[index];
    if (!there || !reaches(reach, to.deploymentId)) {
      faults.push({
        path,
        message:
          'There is no such check, or the token does not reach it: define it first, in the same file or request if you like.',
      });
      continue;
    }
    if (idOf(to) === self) {
      faults.push({ path, message: 'Name another check: this is the check itself.' });
      continue;
    }
    reached.add(idOf(to));
    const back = await wayBack(there, [nameOf(definition), nameOf(to)]);
    if (back === 'too long') {
      faults.push({
        path,
        message: `Shorten the chain of parents and members behind it: at most ${deepest} checks one behind the other.`,
      });
    } else if (back) {
      faults.push({ path, message: `Break the circle: ${back.circle.join(' → ')}.` });
    }
  }
  return faults;
};

/** Throws VALIDATION_ERROR naming each field that names a check wrongly. */
export const requireReferences = async (
  definition: CheckDefinition,
  registry: Registry,
  reach: Reach,
): Promise<void> => {
  const faults = await referenceFaults(definition, registry, reach);
  if (faults.length === 0) return;
  const detail = faults.some(({ message }) => message.startsWith('Break the circle'))
    ? 'The check would hang on itself.'
    : 'The check names others that it cannot hang on.';
  throw new DomainError('VALIDATION_ERROR', detail, faults);
};
