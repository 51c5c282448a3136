import type { Table } from '../storage/table.ts';
import { tokenKey, toTokenRecord } from './token.ts';

/** What people call the token behind a principal (`token:<id>`); undefined of others, and of one that is not there. */
export const tokenNameOf = async (
  state: Pick<Table, 'get'>,
  principal: string,
): Promise<string | undefined> => {
  const id = /^token:([0-9a-f]{24})$/.exec(principal)?.[1];
  const item = id === undefined ? undefined : await state.get(tokenKey(id));
  return item && toTokenRecord(item)?.name;
};
