import { decodeCursor, encodeCursor } from '../platform/api/cursor.ts';
import { type Topic, topics } from './topics.ts';

/** What somebody knew at `at` (epoch ms): a mark for each topic, and the marks of the shards. */
export type Known = {
  readonly at: number;
  readonly topics: ReadonlyMap<Topic, string>;
  readonly marks: string;
};

/** `<at> <eight characters a topic, in their order> <marks of the shards>` */
const pattern = /^changes (\d{1,15}) ((?:[0-9a-f]{8}|-{8})*) ((?:[0-9a-z]{4})*)$/;
const never = '--------';

export const toCursor = ({ at, topics: known, marks }: Known): string =>
  encodeCursor(`changes ${at} ${topics.map((topic) => known.get(topic) ?? never).join('')} ${marks}`);

/** Undefined for what this version did not write. */
export const fromCursor = (cursor: string): Known | undefined => {
  const found = pattern.exec(decodeCursor(cursor) ?? '');
  if (!found) return undefined;
  const [, at, held = '', marks = ''] = found;
  const each = held.match(/.{8}/g) ?? [];
  if (each.length !== topics.length) return undefined;
  return {
    at: Number(at),
    topics: new Map(
      topics.flatMap((topic, place) => {
        const mark = each[place];
        return mark === undefined || mark === never ? [] : [[topic, mark] as const];
      }),
    ),
    marks,
  };
};
