import type { CreateRequest } from '../catalog/index.ts';
import { isRegistered } from '../catalog/index.ts';
import { type Reach, requireReach } from '../platform/api/caller.ts';
import { requireRevision } from '../platform/api/expects.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Pending } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import {
  asBuiltin,
  decideCreate,
  decidePut,
  decideRemoval,
  nextRecord,
  removedRecord,
} from './decide-rule.ts';
import { builtinOf, loadStoredRule, requireRule, type StoredRule } from './registry.ts';
import { type RuleDefinition, type RuleRecord, ruleIdOf } from './rule.ts';
import { requireSoundRule, type SoundRuleWorld } from './sound-rule.ts';
import { type RuleChange, writeRule } from './write-rule.ts';

export type DefineRuleWorld = SoundRuleWorld & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
};

/** What became of a definition; `pending` is to be published after the write. */
export type DefinedRule<O extends string> = {
  readonly outcome: O;
  readonly record: RuleRecord;
  readonly pending?: Pending;
};

type Asked = {
  readonly reach: Reach;
  /** The principal who asks; the audit keeps it. */
  readonly by: string;
};
type ChangeOptions = Asked & { readonly expects?: readonly number[] | 'any' | undefined };

/** Writers that meet on one item decide again on what the other wrote; so many meet only when something is wrong. */
const attempts = 5;

/** Runs load → decide → write again while somebody else's write came between. */
const settled = async <T>(round: () => Promise<T | 'conflict'>): Promise<T> => {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const result = await round();
    if (result !== 'conflict') return result;
  }
  throw new DomainError('CONFLICT', 'The rule is being changed by many at once. Try again.');
};

const write = async <O extends RuleChange>(
  world: DefineRuleWorld,
  previous: StoredRule | undefined,
  record: RuleRecord,
  outcome: O,
  { by, request }: { readonly by: string; readonly request?: CreateRequest | undefined },
): Promise<DefinedRule<O> | 'conflict'> => {
  const next = { record, change: outcome, by, request, place: world.place };
  const pending = await writeRule(world.state, previous, next, world.newId());
  return pending ? { outcome, record, pending } : 'conflict';
};

/** Rules of all deployments are written only by tokens that reach all. Throws NOT_FOUND or FORBIDDEN. */
export const requireRuleReach = (reach: Reach, deploymentId: string | null): void => {
  if (deploymentId !== null) requireReach(reach, deploymentId);
  else if (reach !== '*') throw noRuleForAll();
};

const noRuleForAll = (): DomainError =>
  new DomainError(
    'FORBIDDEN',
    'A rule for all deployments needs a token that reaches all of them. Name a deploymentId that this one reaches.',
  );

const requireHome = async (
  { state }: Pick<DefineRuleWorld, 'state'>,
  deploymentId: string | null,
): Promise<void> => {
  if (deploymentId === null || (await isRegistered(state, deploymentId))) return;
  throw new DomainError('VALIDATION_ERROR', 'The rule names a deployment that is not registered.', [
    {
      path: 'deploymentId',
      message:
        'Register it first with POST /api/monitoring/register, leave it out for the deployment default, or give * for a rule of all deployments.',
    },
  ]);
};

/**
 * Makes a new rule, owned by the API. Throws CONFLICT when its name is taken, VALIDATION_ERROR when its deployment is not
 * registered, ALERT_ERROR when what it names is not there.
 */
export const createRule = (
  world: DefineRuleWorld,
  definition: RuleDefinition,
  options: Asked & { readonly request?: CreateRequest | undefined },
): Promise<DefinedRule<'created' | 'replayed'>> =>
  settled<DefinedRule<'created' | 'replayed'>>(async () => {
    requireRuleReach(options.reach, definition.deploymentId);
    const stored = await loadStoredRule(world.state, ruleIdOf(definition.deploymentId, definition.name));
    const outcome = decideCreate(stored, definition, options.request);
    if (outcome === 'replayed' && stored) return { outcome, record: stored.record };
    await requireHome(world, definition.deploymentId);
    await requireSoundRule(world, definition);
    const record = nextRecord(stored, definition, { managedBy: 'api', now: world.clock() });
    return write(world, stored, record, 'created', options);
  });

/** Replaces a rule of the API, or a built-in one, by its id. The definition's name and deployment are the rule's own. */
export const replaceRule = (
  world: DefineRuleWorld,
  ruleId: string,
  define: (current: RuleRecord) => RuleDefinition,
  options: ChangeOptions,
): Promise<DefinedRule<'updated' | 'unchanged'>> =>
  settled<DefinedRule<'updated' | 'unchanged'>>(async () => {
    const stored = await requireRule(world.state, ruleId, options.reach);
    requireRevision(stored.record, options.expects);
    const definition = asBuiltin(builtinOf(ruleId), define(stored.record));
    if (decidePut(stored, definition, 'api') === 'unchanged')
      return { outcome: 'unchanged', record: stored.record };
    await requireSoundRule(world, definition);
    const record = nextRecord(stored, definition, { managedBy: 'api', now: world.clock() });
    return write(world, stored, record, 'updated', options);
  });

/** Removes a rule of the API by its id; of a built-in one what people changed, so that the original is back. */
export const removeRule = (
  world: DefineRuleWorld,
  ruleId: string,
  options: ChangeOptions,
): Promise<DefinedRule<'removed'>> =>
  settled<DefinedRule<'removed'>>(async () => {
    const stored = await requireRule(world.state, ruleId, options.reach);
    requireRevision(stored.record, options.expects);
    if (decideRemoval(stored, 'api') === 'unchanged') {
      throw new DomainError(
        'CONFLICT',
        'A built-in rule cannot be removed. To switch it off, send its definition with "isActive": false in a PUT.',
      );
    }
    return write(world, stored, removedRecord(stored.record, world.clock()), 'removed', options);
  });

type ConvergeOptions = Asked & {
  readonly owner: 'file' | 'api';
  /** Decide and write nothing. */
  readonly dryRun?: boolean;
  /** Whether a deployment counts as registered although the registry does not have it (yet). */
  readonly isPlanned?: (deploymentId: string) => boolean;
};

/**
 * Brings a rule to what its owner wants, whether it is there or not; the caller has seen to it that the definition is
 * sound (`requireSoundRule`). Throws CONFLICT when another owner has it otherwise.
 */
export const putRule = (
  world: DefineRuleWorld,
  definition: RuleDefinition,
  options: ConvergeOptions,
): Promise<DefinedRule<'created' | 'updated' | 'unchanged'>> =>
  settled<DefinedRule<'created' | 'updated' | 'unchanged'>>(async () => {
    const { deploymentId, name } = definition;
    requireRuleReach(options.reach, deploymentId);
    const ruleId = ruleIdOf(deploymentId, name);
    const wanted = asBuiltin(builtinOf(ruleId), definition);
    const stored = await loadStoredRule(world.state, ruleId);
    const outcome = decidePut(stored, wanted, options.owner);
    if (outcome === 'unchanged' && stored) return { outcome, record: stored.record };
    if (deploymentId !== null && !options.isPlanned?.(deploymentId)) await requireHome(world, deploymentId);
    const record = nextRecord(stored, wanted, { managedBy: options.owner, now: world.clock() });
    return options.dryRun
      ? { outcome, record }
      : write(world, stored, record, outcome === 'updated' ? outcome : 'created', { by: options.by });
  });

/** Takes away a rule its owner no longer wants; one that is not there is as wanted. */
export const withdrawRule = (
  world: DefineRuleWorld,
  identity: { readonly deploymentId: string | null; readonly name: string },
  options: ConvergeOptions,
): Promise<{
  readonly outcome: 'removed' | 'unchanged';
  readonly record?: RuleRecord;
  readonly pending?: Pending;
}> =>
  settled<{ outcome: 'removed' | 'unchanged'; record?: RuleRecord; pending?: Pending }>(async () => {
    requireRuleReach(options.reach, identity.deploymentId);
    const stored = await loadStoredRule(world.state, ruleIdOf(identity.deploymentId, identity.name));
    const outcome = decideRemoval(stored, options.owner);
    if (outcome === 'unchanged' || !stored) return { outcome: 'unchanged' };
    const record = removedRecord(stored.record, world.clock());
    return options.dryRun ? { outcome, record } : write(world, stored, record, 'removed', { by: options.by });
  });
