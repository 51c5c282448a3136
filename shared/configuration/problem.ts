/** Where something stands in a file; both count from 1, as editors do. */
export type Position = { readonly line: number; readonly column: number };

/** The way to a field: `['deployments', 0, 'checks', 2, 'timeout']`. */
export type FieldPath = readonly (string | number)[];

/** One thing wrong with a configuration: where, which field, and a sentence that says what to do. */
export type Problem = Position & {
  readonly file: string;
  /** `deployments[0].checks[2].timeout`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
};

export const pathText = (path: FieldPath): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[\w-]+$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');

/** The way that such a text means: what refusals of the rules name. */
export const pathIn = (text: string): FieldPath =>
  [...text.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|[^.[\]]+/g)].map(([whole, index, quoted]) =>
    index === undefined ? (quoted ?? whole) : Number(index),
  );

/** `homeostat.yaml:7:5 checks[0].interval: …`, which editors and terminals turn into a link. */
export const problemText = ({ file, line, column, path, message }: Problem): string =>
  `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`;

/** A configuration that was refused as a whole; nothing of it was applied. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[];
  /** Absolute paths of the files that were asked for, readable or not. */
  readonly files: readonly string[];

  constructor(problems: readonly Problem[], files: readonly string[] = []) {
    super(problems.map(problemText).join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
    this.files = files;
  }
}
