import type { CreateRequest } from '../catalog/index.ts';
import { ownedElsewhere } from '../catalog/index.ts';
import type { MaintenanceWindow } from '../health/index.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import { requireRevision } from '../platform/api/expects.ts';
import { DomainError } from '../platform/errors.ts';
import { sha256 } from '../platform/ids.ts';
import { type Pending, settled } from '../platform/outbox/index.ts';
import { type Asked, type DefinedMute, type DefineMuteWorld, requireMute } from './define-silence.ts';
import type { Mute } from './mute.ts';
import { requireMuteReach } from './mute-input.ts';
import type { Matcher } from './settings.ts';
import { loadStoredMute, type StoredMute, writeAudited } from './write-mute.ts';

/** What people define, its matchers read (`readMuteMatchers`). The name is the key. */
export type MaintenanceDefinition = {
  readonly name: string;
  readonly matchers: readonly Matcher[];
  readonly windows: readonly MaintenanceWindow[];
  readonly reason: string;
  /** Epoch ms: outside of these no window opens. From its making on, and for ever, when left out. */
  readonly startsAt?: number | undefined;
  readonly endsAt?: number | undefined;
};

type Owner = Mute['managedBy'];

export const maintenanceIdOf = (name: string): string => sha256(`maintenance\n${name}`).slice(0, 24);

const definitionIn = ({ name = '', matchers, windows = [], reason, startsAt, endsAt }: Mute) =>
  ({ name, matchers, windows, reason, startsAt, endsAt }) satisfies MaintenanceDefinition;

const isLive = (stored: StoredMute | undefined): stored is StoredMute =>
  stored !== undefined && stored.mute.deletedAt === undefined;

/** Equal content is nobody's change. */
const isSame = (mute: Mute, definition: MaintenanceDefinition): boolean => {
  const { startsAt, ...before } = definitionIn(mute);
  const wanted = { ...definition, startsAt: definition.startsAt ?? startsAt };
  return canonicalJson({ ...before, startsAt }) === canonicalJson(wanted);
};

type Facts = { readonly by: string; readonly owner: Owner; readonly now: number };

const nextMute = (
  stored: StoredMute | undefined,
  definition: MaintenanceDefinition,
  { by, owner, now }: Facts,
): Mute => {
  const before = isLive(stored) ? stored.mute : undefined;
  const { startsAt, endsAt, ...rest } = definition;
  return {
    id: maintenanceIdOf(definition.name),
    kind: 'maintenance',
    ...rest,
    author: before?.author ?? by,
    startsAt: startsAt ?? before?.startsAt ?? now,
    ...(endsAt !== undefined && { endsAt }),
    managedBy: owner,
    revision: (stored?.mute.revision ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
};

/** Makes a maintenance, owned by the API. Throws CONFLICT when its name is taken. */
export const createMaintenance = (
  world: DefineMuteWorld,
  definition: MaintenanceDefinition,
  options: Asked & { readonly request?: CreateRequest | undefined },
): Promise<DefinedMute<'created' | 'replayed'>> =>
  settled<DefinedMute<'created' | 'replayed'>>('The maintenance', async () => {
    requireMuteReach(options.reach, definition);
    const stored = await loadStoredMute(world.state, maintenanceIdOf(definition.name));
    const requestHash = options.request && `${options.request.id} ${options.request.requestHash}`;
    if (isLive(stored)) {
      if (requestHash !== undefined && stored.requestHash === requestHash)
        return { outcome: 'replayed', mute: stored.mute };
      throw new DomainError(
        'CONFLICT',
        `There is a maintenance of this name already: ${stored.mute.id}. Change it with PUT, or choose another name.`,
      );
    }
    const { by } = options;
    const mute = nextMute(stored, definition, { by, owner: 'api', now: world.clock() });
    const pending = await writeAudited(world, stored, mute, { by, action: 'created', requestHash });
    return pending ? { outcome: 'created', mute, pending } : 'conflict';
  });

type ChangeOptions = Asked & { readonly expects?: readonly number[] | 'any' | undefined };

/** Replaces a maintenance of the API by its id; `define` gets the one that is there, whose name stays. */
export const replaceMaintenance = (
  world: DefineMuteWorld,
  id: string,
  define: (name: string) => MaintenanceDefinition,
  options: ChangeOptions,
): Promise<DefinedMute<'updated' | 'unchanged'>> =>
  settled<DefinedMute<'updated' | 'unchanged'>>('The maintenance', async () => {
    const stored = await requireMute(world.state, { id, kind: 'maintenance', reach: options.reach });
    requireRevision(stored.mute, options.expects);
    const definition = define(stored.mute.name ?? '');
    requireMuteReach(options.reach, definition);
    if (isSame(stored.mute, definition)) return { outcome: 'unchanged', mute: stored.mute };
    requireOwner(stored.mute, 'api');
    const facts: Facts = { by: options.by, owner: 'api', now: world.clock() };
    const mute = nextMute(stored, definition, facts);
    const pending = await writeAudited(world, stored, mute, { by: options.by, action: 'updated' });
    return pending ? { outcome: 'updated', mute, pending } : 'conflict';
  });

const requireOwner = (mute: Mute, owner: Owner): void => {
  if (mute.managedBy !== owner) throw ownedElsewhere('This maintenance', mute.managedBy);
};

const removedMute = (mute: Mute, now: number): Mute => ({
  ...mute,
  revision: mute.revision + 1,
  updatedAt: now,
  deletedAt: now,
});

/** Removes a maintenance of the API by its id. */
export const removeMaintenance = (
  world: DefineMuteWorld,
  id: string,
  options: ChangeOptions,
): Promise<DefinedMute<'removed'>> =>
  settled<DefinedMute<'removed'>>('The maintenance', async () => {
    const stored = await requireMute(world.state, { id, kind: 'maintenance', reach: options.reach });
    requireRevision(stored.mute, options.expects);
    requireOwner(stored.mute, 'api');
    const mute = removedMute(stored.mute, world.clock());
    const pending = await writeAudited(world, stored, mute, { by: options.by, action: 'removed' });
    return pending ? { outcome: 'removed', mute, pending } : 'conflict';
  });

type ConvergeOptions = Asked & {
  readonly owner: Owner;
  /** Decide and write nothing. */
  readonly dryRun?: boolean;
};

/** Brings a maintenance to what its owner wants. Throws CONFLICT when another owner has it otherwise. */
export const putMaintenance = (
  world: DefineMuteWorld,
  definition: MaintenanceDefinition,
  options: ConvergeOptions,
): Promise<DefinedMute<'created' | 'updated' | 'unchanged'>> =>
  settled<DefinedMute<'created' | 'updated' | 'unchanged'>>('The maintenance', async () => {
    requireMuteReach(options.reach, definition);
    const stored = await loadStoredMute(world.state, maintenanceIdOf(definition.name));
    if (isLive(stored)) {
      if (isSame(stored.mute, definition)) return { outcome: 'unchanged', mute: stored.mute };
      requireMuteReach(options.reach, stored.mute);
      requireOwner(stored.mute, options.owner);
    }
    const outcome = isLive(stored) ? 'updated' : 'created';
    const { by, owner } = options;
    const mute = nextMute(stored, definition, { by, owner, now: world.clock() });
    if (options.dryRun) return { outcome, mute };
    const pending = await writeAudited(world, stored, mute, { by, action: outcome });
    return pending ? { outcome, mute, pending } : 'conflict';
  });

/** Takes away a maintenance that its owner no longer wants; one that is not there is as wanted. */
export const withdrawMaintenance = (
  world: DefineMuteWorld,
  name: string,
  options: ConvergeOptions,
): Promise<{ readonly outcome: 'removed' | 'unchanged'; readonly mute?: Mute; readonly pending?: Pending }> =>
  settled<{ outcome: 'removed' | 'unchanged'; mute?: Mute; pending?: Pending }>(
    'The maintenance',
    async () => {
      const stored = await loadStoredMute(world.state, maintenanceIdOf(name));
      if (!isLive(stored)) return { outcome: 'unchanged' };
      requireMuteReach(options.reach, stored.mute);
      requireOwner(stored.mute, options.owner);
      const mute = removedMute(stored.mute, world.clock());
      if (options.dryRun) return { outcome: 'removed', mute };
      const pending = await writeAudited(world, stored, mute, { by: options.by, action: 'removed' });
      return pending ? { outcome: 'removed', mute, pending } : 'conflict';
    },
  );
