import * as z from 'zod';
import { toFieldFaults } from '../platform/api/faults.ts';
import type { FieldPath } from './problem.ts';

/** One thing a schema found wrong; `of` says whether the field's name or its value is at fault. */
export type Fault = { readonly path: FieldPath; readonly message: string; readonly of?: 'key' | 'value' };

/**
 * What a schema found wrong, in sentences that say what to do. `type` is the kind that a check says it is: only the
 * fields of that kind are then named.
 */
export const faultsOf = (schema: z.ZodType, error: z.ZodError, type?: unknown): readonly Fault[] =>
  error.issues.flatMap((issue): Fault[] => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: unknownField(fieldsAt(schema, path, type), key),
        of: 'key',
      }));
    }
    if (issue.code === 'invalid_key')
      return toFieldFaults([issue]).map(({ message }) => ({ path, message, of: 'key' }));
    return toFieldFaults([issue]).map(({ message }) => ({ path, message }));
  });

const unknownField = (known: readonly string[], key: string): string => {
  const near = known.find(
    (name) =>
      distance(name.toLowerCase(), key.toLowerCase()) <= 2 || (key.length > 2 && name.startsWith(key)),
  );
  if (near !== undefined) return `There is no such field: did you mean ${near}?`;
  return known.length > 0
    ? `there is no such field; known are ${known.join(', ')}`
    : 'there is no such field';
};

type JsonSchema = {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
  /** `#/$defs/<name>`: a schema that has a name stands at the top. */
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
};

/** The names that a map at `path` may have, read off the schema itself. */
const fieldsAt = (schema: z.ZodType, path: FieldPath, type: unknown): readonly string[] => {
  const top = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  let level = [top];
  const named = ({ $ref }: JsonSchema): JsonSchema[] => {
    const found = $ref && top.$defs?.[$ref.slice('#/$defs/'.length)];
    return found ? [found] : [];
  };
  const flat = (all: readonly JsonSchema[]): JsonSchema[] =>
    all
      .filter(({ properties }) => [undefined, type].includes(properties?.type?.const) || type === undefined)
      .flatMap((one) => [one, ...flat([...(one.anyOf ?? []), ...(one.oneOf ?? []), ...named(one)])]);
  for (const part of path) {
    level = flat(level).flatMap(({ properties, items }) => {
      const inner = typeof part === 'number' ? items : properties?.[part];
      return inner ? [inner] : [];
    });
  }
  return [...new Set(flat(level).flatMap(({ properties }) => Object.keys(properties ?? {})))];
};

/** How many letters must be added, removed or changed to make one word the other. */
const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const changed = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
};
