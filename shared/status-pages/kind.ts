import type { NamedKind } from '../catalog/index.ts';
import type { StatusPageDefinition } from './page.ts';
import { deploymentsOf } from './reach.ts';
import { shownInAudit } from './written.ts';

export const statusPagesPath = '/api/v1/monitoring/status-pages';

/** What belongs to one deployment alone is audited there; everything else with the whole stack. */
const homeOf = (definition: StatusPageDefinition): string | null => {
  const named = deploymentsOf(definition);
  return named !== '*' && named.length === 1 ? (named[0] ?? null) : null;
};

/** In the table `state`: query `STATUSPAGES` for all of them, get `STATUSPAGES` / `<slug>` for one. */
export const statusPageKind: NamedKind<StatusPageDefinition> = {
  what: 'status page',
  auditKind: 'status-page',
  partition: 'STATUSPAGES',
  path: statusPagesPath,
  idOf: ({ slug }) => slug,
  nameOf: ({ name }) => name,
  deploymentIdOf: homeOf,
  shown: shownInAudit,
};
