import type { Table } from '../storage/index.ts';
import { firesKey } from './incident.ts';

/** The incidents (ids) in which an alert of the check fires, as it was put last; read a moment late. */
export const incidentsFiringFor = async (
  state: Pick<Table, 'query'>,
  checkId: string,
): Promise<readonly string[]> => {
  const { items } = await state.query({ pk: firesKey(checkId, '').pk, limit: 100 });
  const firing = items.filter((item) => item.state === 'firing').map((item) => String(item.incidentId));
  return [...new Set(firing)];
};
