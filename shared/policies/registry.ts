import { loadAllNamed, loadNamed, type NamedKind } from '../catalog/index.ts';
import { sha256 } from '../platform/ids.ts';
import type { Table } from '../storage/table.ts';
import type { PolicyDefinition, PolicyRecord } from './policy.ts';
import { writtenPolicyOf } from './written.ts';

/** Policies belong to the whole stack: their names are unique. */
export const policyIdOf = (name: string): string => sha256(`policy\n${name}`).slice(0, 16);

export const versionsPartitionOf = (policyId: string): string => `POLICY#${policyId}`;

/**
 * Keys in `state`: `POLICIES` / `<policyId>`, and `POLICY#<policyId>` / `V#<revision>` for what stood before the last
 * write. A plan names the revision that it was made by, so versions stay, and a removed policy's revision goes on.
 */
export const policyKind: NamedKind<PolicyDefinition> = {
  what: 'policy',
  auditKind: 'policy',
  partition: 'POLICIES',
  path: '/api/v1/monitoring/policies',
  idOf: ({ name }) => policyIdOf(name),
  nameOf: ({ name }) => name,
  deploymentIdOf: () => null,
  shown: writtenPolicyOf,
  versionsOf: versionsPartitionOf,
};

/** All live policies in the order of their names. A team has tens of them. */
export const loadPolicies = async (state: Pick<Table, 'query'>): Promise<readonly PolicyRecord[]> =>
  [...(await loadAllNamed(state, policyKind))].sort((left, right) =>
    left.definition.name < right.definition.name ? -1 : 1,
  );

/** The live policy; undefined when there is none. */
export const loadPolicy = (state: Pick<Table, 'get'>, policyId: string): Promise<PolicyRecord | undefined> =>
  loadNamed(state, policyKind, policyId);
