import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { parseSync, Visitor } from 'vite';

/** How one module reaches another: `value` imports run, `type` imports vanish, `dynamic` ones run when called. */
export type ImportKind = 'value' | 'type' | 'dynamic';
export type Import = {
  readonly kind: ImportKind;
  readonly specifier: string;
  /** Path inside the tree of a relative import, whether or not a file is there; absent for packages. */
  readonly file?: string;
};

export type Source = {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly program: Program;
  readonly comments: readonly { readonly value: string; readonly start: number }[];
};
export type Program = ReturnType<typeof parseSync>['program'];

/** Every file by its path from the root, with forward slashes; only modules are parsed. */
export type Tree = {
  readonly paths: readonly string[];
  readonly sources: ReadonlyMap<string, Source>;
  /** Packages that a deployed function may use. */
  readonly dependencies: readonly string[];
};

const isModule = (path: string): boolean => /\.(ts|tsx|mts|js|mjs)$/.test(path);

const importsOf = (path: string, program: Program): Import[] => {
  const found: Import[] = [];
  const add = (kind: ImportKind, specifier: string): void => {
    const file = /^\.\.?\//.test(specifier) ? posix.join(posix.dirname(path), specifier) : undefined;
    found.push(file === undefined ? { kind, specifier } : { kind, specifier, file });
  };
  new Visitor({
    // `import { type A } from` still runs the module under verbatimModuleSyntax: only the statement's own kind counts.
    ImportDeclaration: ({ importKind, source }) =>
      add(importKind === 'type' ? 'type' : 'value', source.value),
    ExportNamedDeclaration: ({ exportKind, source }) => {
      if (source) add(exportKind === 'type' ? 'type' : 'value', source.value);
    },
    ExportAllDeclaration: ({ exportKind, source }) =>
      add(exportKind === 'type' ? 'type' : 'value', source.value),
    ImportExpression: ({ source }) => {
      if (source.type === 'Literal' && typeof source.value === 'string') add('dynamic', source.value);
    },
    TSImportType: ({ source }) => add('type', source.value),
  }).visit(program);
  return found;
};

const parseSource = (path: string, text: string): Source => {
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  return { path, text, imports: importsOf(path, program), program, comments };
};

/** A tree from literals: path → text. A `package.json` among them gives the dependencies. */
export const treeOf = (files: Readonly<Record<string, string>>): Tree => {
  const paths = Object.keys(files).sort();
  const sources = new Map<string, Source>();
  for (const path of paths) if (isModule(path)) sources.set(path, parseSource(path, files[path] ?? ''));
  const manifest = JSON.parse(files['package.json'] ?? '{}') as { dependencies?: Record<string, string> };
  return { paths, sources, dependencies: Object.keys(manifest.dependencies ?? {}) };
};

const notOurs = new Set([
  'node_modules',
  'cdk.out',
  'dist',
  'coverage',
  'test-results',
  '.git',
  '.homeostat',
]);

/** The checkout at `root`, without what is installed or built. */
export const readTree = (root: string): Tree => {
  const files: Record<string, string> = {};
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (notOurs.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) {
        const key = relative(root, path).split(sep).join('/');
        files[key] = isModule(key) || key === 'package.json' ? readFileSync(path, 'utf8') : '';
      }
    }
  };
  walk(root);
  return treeOf(files);
};

/** Each import that names a file of the tree, with the file it stands in. */
export const fileImports = (
  tree: Tree,
  kinds: readonly ImportKind[] = ['value', 'type', 'dynamic'],
): { from: string; to: string; kind: ImportKind }[] => {
  const found: { from: string; to: string; kind: ImportKind }[] = [];
  for (const { path, imports } of tree.sources.values()) {
    for (const { kind, file } of imports) {
      if (file !== undefined && kinds.includes(kind)) found.push({ from: path, to: file, kind });
    }
  }
  return found;
};

/** The package of a specifier: `@aws-sdk/client-sqs/x` → `@aws-sdk/client-sqs`; undefined for files and node modules. */
export const packageOf = (specifier: string): string | undefined => {
  if (/^[./]|^node:/.test(specifier)) return undefined;
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
};
