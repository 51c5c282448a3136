import type { Table } from '../storage/table.ts';
import { tokenBuckets, tokenKey, toTokenRecord } from './token.ts';

/** What people call the token behind a principal (`token:<id>`); undefined of others, and of one that is not there. */
export const tokenNameOf = async (
  state: Pick<Table, 'get'>,
  principal: string,
): Promise<string | undefined> => {
  const id = /^token:([0-9a-f]{24})$/.exec(principal)?.[1];
  const item = id === undefined ? undefined : await state.get(tokenKey(id));
  return item && toTokenRecord(item)?.name;
};

/** Whether any token, revoked or not, is called so. */
export const isTokenName = async (state: Pick<Table, 'query'>, name: string): Promise<boolean> => {
  for (let bucket = 0; bucket < tokenBuckets; bucket++) {
    let after: string | undefined;
    do {
      const page = await state.query({ pk: `TOKENS#${bucket}`, ...(after !== undefined && { after }) });
      if (page.items.some((item) => toTokenRecord(item)?.name === name)) return true;
      after = page.next;
    } while (after !== undefined);
  }
  return false;
};
