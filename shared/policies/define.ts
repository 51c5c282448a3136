import {
  type CreateRequest,
  createNamed,
  type DefinedNamed,
  type DefineNamedWorld,
  putNamed,
  removeNamed,
  replaceNamed,
  withdrawNamed,
} from '../catalog/index.ts';
import { DomainError } from '../platform/errors.ts';
import type { Table } from '../storage/table.ts';
import { overlapsWith, sentenceOf } from './overlaps.ts';
import type { PolicyDefinition, PolicyRecord } from './policy.ts';
import { loadPolicies, policyIdOf, policyKind } from './registry.ts';

export type DefinePolicyWorld = Omit<DefineNamedWorld, 'state'> & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
};
export type DefinedPolicy<O extends string> = DefinedNamed<PolicyDefinition, O>;

/**
 * Whether a policy can stand beside the others: no finding may be spoken of by two. `planned` are policies that come, or
 * go (`leaving`, by name), in the same request. Throws VALIDATION_ERROR. Two that are written at the same moment may
 * pass each other here: then neither does anything to what both speak of.
 */
export const requireSoundPolicy = async (
  state: Pick<Table, 'query'>,
  definition: PolicyDefinition,
  {
    planned = [],
    leaving = [],
  }: { readonly planned?: readonly PolicyDefinition[]; readonly leaving?: readonly string[] } = {},
): Promise<void> => {
  const replaced = new Set([...planned.map(({ name }) => name), ...leaving]);
  const there = (await loadPolicies(state)).map((record) => record.definition);
  const others = [...there.filter(({ name }) => !replaced.has(name)), ...planned];
  const overlaps = overlapsWith(definition, others);
  if (overlaps.length === 0) return;
  throw new DomainError(
    'VALIDATION_ERROR',
    'Another policy speaks of the same.',
    overlaps.map((overlap) => ({ path: 'selector', message: sentenceOf(overlap) })),
  );
};

type Asked = { readonly by: string };

/** Makes a new policy, owned by the API. Throws CONFLICT when its name is taken, VALIDATION_ERROR when it overlaps. */
export const createPolicy = async (
  world: DefinePolicyWorld,
  definition: PolicyDefinition,
  options: Asked & { readonly request?: CreateRequest | undefined; readonly dryRun?: boolean },
): Promise<DefinedPolicy<'created' | 'replayed'>> => {
  await requireSoundPolicy(world.state, definition);
  return createNamed(world, policyKind, definition, options);
};

/** Replaces a policy of the API by its id. The definition's name is the policy's own. */
export const replacePolicy = async (
  world: DefinePolicyWorld,
  policyId: string,
  define: (current: PolicyRecord) => PolicyDefinition,
  options: Asked & { readonly expects?: readonly number[] | 'any' | undefined; readonly dryRun?: boolean },
): Promise<DefinedPolicy<'updated' | 'unchanged'>> => {
  const others = await loadPolicies(world.state);
  const current = others.find(({ id }) => id === policyId);
  if (current) await requireSoundPolicy(world.state, define(current));
  return replaceNamed(world, policyKind, policyId, define, options);
};

/** Removes a policy of the API by its id; its versions stay. What it started goes on to the gate, which then holds it. */
export const removePolicy = (
  world: DefinePolicyWorld,
  policyId: string,
  options: Asked & { readonly expects?: readonly number[] | 'any' | undefined; readonly dryRun?: boolean },
): Promise<DefinedPolicy<'removed'>> => removeNamed(world, policyKind, policyId, options);

type ConvergeOptions = Asked & { readonly owner: 'file' | 'api'; readonly dryRun?: boolean };

/**
 * Brings a policy to what its owner wants, whether it is there or not; the caller has seen to it that it is sound
 * (`requireSoundPolicy`). Throws CONFLICT when another owner has it otherwise.
 */
export const putPolicy = (
  world: DefinePolicyWorld,
  definition: PolicyDefinition,
  options: ConvergeOptions,
): Promise<DefinedPolicy<'created' | 'updated' | 'unchanged'>> =>
  putNamed(world, policyKind, definition, options);

/** Takes away a policy that its owner no longer wants; one that is not there is as wanted. */
export const withdrawPolicy = (world: DefinePolicyWorld, name: string, options: ConvergeOptions) =>
  withdrawNamed(world, policyKind, policyIdOf(name), options);
