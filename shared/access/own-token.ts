import type { Caller } from '../platform/api/caller.ts';
import type { Table } from '../storage/table.ts';
import { tokenKey, toTokenRecord } from './token.ts';

const ownPrincipal = /^token:([0-9a-f]{24})$/;

/** What a token is called and when it expires (epoch ms); both null for the first one, which has neither. */
export type OwnToken = { readonly name: string | null; readonly expiresAt: number | null };

/** The caller's own token. What it may do the caller itself says: that is what every other route goes by. */
export const readOwnToken = async (
  state: Pick<Table, 'get'>,
  { principal }: Pick<Caller, 'principal'>,
): Promise<OwnToken> => {
  const id = ownPrincipal.exec(principal)?.[1];
  const item = id === undefined ? undefined : await state.get(tokenKey(id));
  const record = item && toTokenRecord(item);
  return {
    name: record?.name ?? null,
    expiresAt: record?.expiresAt === undefined ? null : record.expiresAt * 1000,
  };
};
