import type { StoredNamed } from '../catalog/index.ts';
import { toIso } from '../platform/clock.ts';
import type { PolicyDefinition, PolicyRecord } from './policy.ts';
import { writtenPolicyOf } from './written.ts';

/** A policy as answers show it. */
export const viewPolicy = (record: PolicyRecord) => ({
  id: record.id,
  ...writtenPolicyOf(record.definition),
  managedBy: record.managedBy,
  revision: record.revision,
  createdAt: toIso(record.createdAt),
  updatedAt: toIso(record.updatedAt),
});

/** One version of a policy, with who wrote it. */
export const viewVersion = ({ record, by }: Pick<StoredNamed<PolicyDefinition>, 'record' | 'by'>) => ({
  revision: record.revision,
  by: by ?? null,
  managedBy: record.managedBy,
  writtenAt: toIso(record.updatedAt),
  removed: record.deletedAt !== undefined,
  definition: writtenPolicyOf(record.definition),
});
