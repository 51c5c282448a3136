import { loadAllNamed, loadNamed } from '../catalog/index.ts';
import type { Table } from '../storage/table.ts';
import { statusPageKind } from './kind.ts';
import type { StatusPageRecord } from './page.ts';

/** The page of this slug, published or not; undefined when there is none. */
export const loadStatusPage = (
  state: Pick<Table, 'get'>,
  slug: string,
): Promise<StatusPageRecord | undefined> => loadNamed(state, statusPageKind, slug);

/** All pages, published or not, by slug. There are at most `mostPages`. */
export const loadStatusPages = (state: Pick<Table, 'query'>): Promise<readonly StatusPageRecord[]> =>
  loadAllNamed(state, statusPageKind);
