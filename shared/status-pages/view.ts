import type { CheckRecord } from '../health/index.ts';
import { toIso } from '../platform/clock.ts';
import type { StatusPageRecord } from './page.ts';
import { selectChecks } from './select.ts';

/** A page as answers show it; `checks` are at least those that it could show. */
export const viewStatusPage = (
  { id, definition, managedBy, revision, createdAt, updatedAt }: StatusPageRecord,
  checks: readonly CheckRecord[],
) => ({
  id,
  ...definition,
  groups: selectChecks(definition, checks).map(({ group, shown, hidden }) => ({
    ...group,
    shown: shown.length,
    hidden: [...hidden],
  })),
  managedBy,
  revision,
  createdAt: toIso(createdAt),
  updatedAt: toIso(updatedAt),
});
