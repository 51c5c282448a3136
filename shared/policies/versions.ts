import { loadStoredNamed, type StoredNamed, toNamedRecord, versionKey } from '../catalog/index.ts';
import { DomainError } from '../platform/errors.ts';
import type { Item, Table } from '../storage/table.ts';
import type { PolicyDefinition } from './policy.ts';
import { policyKind, versionsPartitionOf } from './registry.ts';

export type PolicyVersion = Pick<StoredNamed<PolicyDefinition>, 'record' | 'by'>;

const toVersion = (item: Item, id: string): PolicyVersion => ({
  record: { ...toNamedRecord<PolicyDefinition>(item), id },
  ...(typeof item.by === 'string' && { by: item.by }),
});

/**
 * What a policy said, newest first, below the revision `before`: what stands now, then what was kept when it was
 * overwritten. Throws NOT_FOUND for what was never there; a removed policy's versions stay.
 */
export const pageOfVersions = async (
  state: Pick<Table, 'get' | 'query'>,
  policyId: string,
  { limit, before }: { readonly limit: number; readonly before: number | undefined },
): Promise<{ readonly versions: readonly PolicyVersion[]; readonly next: number | undefined }> => {
  const present = await loadStoredNamed<PolicyDefinition>(state, policyKind, policyId);
  if (!present) {
    const detail = 'There is no such policy. List them at GET /api/v1/monitoring/policies.';
    throw new DomainError('NOT_FOUND', detail);
  }
  const pk = versionsPartitionOf(policyId);
  const isFirstPage = before === undefined;
  // A write that was cut off after its version was kept left the present one twice.
  const below = before ?? present.record.revision;
  const page = await state.query({
    pk,
    after: versionKey(pk, below).sk,
    descending: true,
    limit: limit + 1,
    consistent: true,
  });
  const versions = [
    ...(isFirstPage ? [present] : []),
    ...page.items.map((item) => toVersion(item, policyId)),
  ];
  const shown = versions.slice(0, limit);
  return {
    versions: shown,
    next: versions.length > shown.length ? shown.at(-1)?.record.revision : undefined,
  };
};
