import type * as z from 'zod';
import { DomainError } from '../platform/errors.ts';
import { faultsOf } from './issues.ts';
import type { Fields } from './lean.ts';
import { type FieldPath, type Position, type Problem, pathIn } from './problem.ts';
import { type LoadedFile, problemAt } from './tree.ts';

/** A definition and where it stands. */
export type Placed<T> = {
  readonly definition: T;
  readonly file: string;
  readonly at: Position;
};

/** How one kind of thing is judged: by the API's own schema, then as a whole. */
export type Judging<I, D> = {
  readonly schema: z.ZodType<I>;
  readonly resolve: (input: I) => D | Promise<D>;
};

/** Reads the definitions of one file; what is wrong with them gathers in `problems`, each at its line. */
export const definitionReader = ({ source }: LoadedFile) => {
  const problems: Problem[] = [];

  const read = async <I, D>(
    given: Fields,
    path: FieldPath,
    { schema, resolve }: Judging<I, D>,
  ): Promise<Placed<D>[]> => {
    const parsed = schema.safeParse(given);
    if (!parsed.success) {
      for (const fault of faultsOf(schema, parsed.error, given.type))
        problems.push(problemAt(source, [...path, ...fault.path], fault.message, fault.of));
      return [];
    }
    try {
      const definition = await resolve(parsed.data);
      return [{ definition, file: source.file, at: source.locate(path) }];
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const faults = error.fields.length > 0 ? error.fields : [{ path: '', message: error.message }];
      for (const fault of faults)
        problems.push(problemAt(source, [...path, ...pathIn(fault.path)], fault.message));
      return [];
    }
  };

  const readAll = async <P>(
    list: readonly Fields[] | null | undefined,
    path: FieldPath,
    each: (given: Fields, path: FieldPath) => Promise<P[]>,
  ): Promise<P[]> => {
    const found: P[] = [];
    for (const [index, given] of (list ?? []).entries()) found.push(...(await each(given, [...path, index])));
    return found;
  };

  return { read, readAll, problems };
};
