import type { Reach } from '../platform/api/caller.ts';
import type { Parameters } from '../platform/aws/parameters.aws.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { Table } from '../storage/table.ts';
import { textsIn } from './allowed.ts';
import type { CheckDefinition } from './check.ts';
import { secretNamesIn } from './probing/secret-references.ts';
import { type Registry, registryWith, requireReferences } from './references.ts';

export type SoundWorld = {
  readonly state: Pick<Table, 'get'>;
  readonly checkSecrets: Pick<Parameters, 'list'>;
};

/** Which of the secrets that these definitions name are there; asked once for all. */
export const presentSecrets = async (
  { checkSecrets }: Pick<SoundWorld, 'checkSecrets'>,
  definitions: readonly Pick<CheckDefinition, 'config'>[],
): Promise<ReadonlySet<string>> => {
  const names = [...secretNamesIn(definitions.map(({ config }) => config))];
  return names.length === 0 ? new Set() : checkSecrets.list(names);
};

/** Throws VALIDATION_ERROR for each secret that is named and not there. `what` is what names it. */
export const requireSecrets = (
  definition: Pick<CheckDefinition, 'config'>,
  present: ReadonlySet<string>,
  what = 'check',
): void => {
  const faults = textsIn(definition.config, 'config').flatMap(([path, text]): FieldFault[] =>
    [...secretNamesIn(text)]
      .filter((name) => !present.has(name))
      .map((name) => ({
        path,
        message: `There is no secret ${name} yet: set it with homeostat secrets set ${name}.`,
      })),
  );
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', `The ${what} names a secret that is not there.`, faults);
};

/**
 * Whether what a definition needs beside itself is there: its secrets, its parent, its members, and no circle among
 * them. Throws VALIDATION_ERROR. Two requests at the same moment may still close a circle between them; nothing waits
 * for ever in one: what a parent holds back that waits for its own child is told all the same.
 */
export const requireSound = async (
  world: SoundWorld,
  definition: CheckDefinition,
  reach: Reach,
  registry: Registry = registryWith(world.state, [definition]),
): Promise<void> => {
  requireSecrets(definition, await presentSecrets(world, [definition]));
  await requireReferences(definition, registry, reach);
};
