import type { registryWith } from '../health/api.ts';
import type { Reach } from '../platform/api/caller.ts';
import { parseFields } from '../platform/api/faults.ts';
import {
  requirePageReach,
  requireReachedPage,
  requireSoundPage,
  resolveStatusPage,
  type StatusPageDefinition,
  statusPageDefinitionSchema,
} from '../status-pages/api.ts';
import type { Table } from '../storage/table.ts';
import type { Change } from './model.ts';

type PageChange =
  | (Extract<Change, { op: 'put' }> & { readonly kind: 'statusPage' })
  | Extract<Change, { op: 'remove'; kind: 'statusPage' }>;

export type PagePut = {
  readonly op: 'put';
  readonly kind: 'statusPage';
  readonly definition: StatusPageDefinition;
};
export type PageJudged = PagePut | Extract<Change, { op: 'remove'; kind: 'statusPage' }>;

/**
 * A change by itself: its definition, and whether the caller may make it, which also hangs on what the page shows that it
 * replaces or removes. Throws DomainError.
 */
export const judgePageAlone = async (
  { state }: { readonly state: Pick<Table, 'get'> },
  change: PageChange,
  reach: Reach,
): Promise<PageJudged> => {
  if (change.op === 'remove') {
    await requireReachedPage(state, change.slug, reach);
    return change;
  }
  const definition = resolveStatusPage(parseFields(statusPageDefinitionSchema, change.definition));
  requirePageReach(reach, definition);
  await requireReachedPage(state, definition.slug, reach);
  return { op: 'put', kind: 'statusPage', definition };
};

/** Judges what is put against the deployments and checks that it names, as those will be. Throws DomainError. */
export const pageJudgeOf = (
  { state }: { readonly state: Pick<Table, 'get' | 'query'> },
  pages: readonly PageJudged[],
  checks: ReturnType<typeof registryWith>,
  deployments: readonly string[],
): ((put: PagePut) => Promise<void>) => {
  const planned = {
    deployments,
    pages: pages.flatMap((one) => (one.op === 'put' ? [one.definition.slug] : [])),
    leavingPages: pages.flatMap((one) => (one.op === 'remove' ? [one.slug] : [])),
  };
  return (put) => requireSoundPage({ state }, put.definition, checks, planned);
};
