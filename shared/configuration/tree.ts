import { resolve } from 'node:path';
import { checkDefinitionSchema } from '../health/api.ts';
import { defaultFields, type FileContent, fileSchema, onceOnly } from './file.ts';
import { includedFiles, maximumFiles, readText } from './files.ts';
import { faultsOf } from './issues.ts';
import { ConfigurationError, type FieldPath, type Problem, pathText } from './problem.ts';
import { readSource, type Source } from './source.ts';
import type { Environment } from './substitute.ts';

type DefaultField = (typeof defaultFields)[number];

/** What one file gives to its own checks and to those of the files it includes. */
export type Layer = {
  readonly source: Source;
  readonly values: ReadonlyMap<DefaultField, { readonly value: unknown; readonly path: FieldPath }>;
};

export type LoadedFile = {
  readonly source: Source;
  readonly content: FileContent;
  /** Nearest first. */
  readonly layers: readonly Layer[];
  /** False when this file, or one that includes it, says `enabled: false`. */
  readonly enabled: boolean;
};

export type Tree = {
  readonly loaded: readonly LoadedFile[];
  /** Every file that was asked for, readable or not: what a watcher watches. */
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
};

/** Reads the named files and everything they include, each file once. */
export const readTree = async (paths: readonly string[], environment: Environment): Promise<Tree> => {
  const loaded: LoadedFile[] = [];
  const problems: Problem[] = [];
  const files = new Set<string>();

  const readOne = async (file: string, outer: readonly Layer[], enabled: boolean): Promise<void> => {
    if (files.has(resolve(file))) return;
    files.add(resolve(file));
    if (files.size > maximumFiles) {
      const message = `Name fewer files in include: a configuration has at most ${maximumFiles}.`;
      throw new ConfigurationError([{ file, line: 1, column: 1, path: '', message }], [...files]);
    }
    const read = await readText(file);
    if ('problem' in read) {
      problems.push(read.problem);
      return;
    }
    const source = sourceOf(file, read.text, environment, problems);
    const content = source && contentOf(source, problems);
    if (!source || !content) return;
    const on = enabled && content.enabled !== false;
    const layers = [layerOf(source, content, problems), ...outer];
    loaded.push({ source, content, layers, enabled: on });
    for (const [index, pattern] of (content.include ?? []).entries()) {
      const found = await includedFiles(file, pattern);
      if ('fault' in found) problems.push(problemAt(source, ['include', index], found.fault));
      else for (const inner of found.files) await readOne(inner, layers, on);
    }
  };

  for (const path of paths) await readOne(path, [], true);
  return { loaded, files: [...files], problems: [...problems, ...givenTwice(loaded)] };
};

export const problemAt = (
  source: Source,
  path: FieldPath,
  message: string,
  of: 'key' | 'value' = 'value',
): Problem => ({ file: source.file, ...source.locate(path, of), path: pathText(path), message });

const sourceOf = (
  file: string,
  text: string,
  environment: Environment,
  problems: Problem[],
): Source | undefined => {
  try {
    return readSource(file, text, environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
};

const contentOf = (source: Source, problems: Problem[]): FileContent | undefined => {
  const parsed = fileSchema.safeParse(source.value ?? {});
  if (parsed.success) return parsed.data;
  for (const { path, message, of } of faultsOf(fileSchema, parsed.error)) {
    problems.push(problemAt(source, path, message, of));
  }
  return undefined;
};

/** Defaults are judged as fields of a check, once where they stand, and a wrong one is then left out of the checks. */
const layerOf = (source: Source, content: FileContent, problems: Problem[]): Layer => {
  const values = new Map<DefaultField, { value: unknown; path: FieldPath }>();
  const { collectInterval, defaults } = content;
  if (collectInterval !== undefined && collectInterval !== null) {
    values.set('interval', { value: collectInterval, path: ['collectInterval'] });
  }
  for (const field of defaultFields) {
    const value = defaults?.[field];
    if (value !== undefined && value !== null) values.set(field, { value, path: ['defaults', field] });
  }
  const given = Object.fromEntries([...values].map(([field, { value }]) => [field, value]));
  const parsed = checkDefinitionSchema.safeParse({
    type: 'tcp',
    name: 'defaults',
    target: 'localhost:1',
    ...given,
  });
  if (parsed.success) return { source, values };
  for (const {
    path: [field, ...rest],
    message,
    of,
  } of faultsOf(checkDefinitionSchema, parsed.error)) {
    const place = values.get(field as DefaultField);
    if (!place) continue;
    problems.push(problemAt(source, [...place.path, ...rest], message, of));
  }
  for (const { path } of parsed.error.issues) values.delete(path[0] as DefaultField);
  return { source, values };
};

/** An option for all of Homeostat can have one value only. */
const givenTwice = (loaded: readonly LoadedFile[]): Problem[] =>
  onceOnly.flatMap((option) => {
    const [first, ...others] = loaded.filter(
      ({ content }) => content[option] !== undefined && content[option] !== null,
    );
    if (!first) return [];
    const { line } = first.source.locate([option], 'key');
    const message = `Keep one of them: this is given in ${first.source.file}:${line} already.`;
    return others.map(({ source }) => problemAt(source, [option], message, 'key'));
  });
