import type { Rule } from './rule.ts';
import type { Tree } from './sources.ts';

const emptyNames = [
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'manager',
  'managers',
  'base',
  'data',
  'misc',
];
const emptySuffix = /[-.](utils?|helpers?|manager)$/;

const namesSay: Rule = {
  sentence: `no file or folder is named ${emptyNames.join(', ')}`,
  broken: (tree) => {
    const bad = new Set<string>();
    for (const path of tree.paths) {
      const parts = path.split('/');
      parts.forEach((part, index) => {
        const isFile = index === parts.length - 1;
        const name = isFile ? part.replace(/(\.(test|aws|d))?\.[^.]+$/, '') : part;
        if (emptyNames.includes(name) || emptySuffix.test(name)) bad.add(parts.slice(0, index + 1).join('/'));
      });
    }
    return [...bad];
  },
};

const maximumLines = 300;
/** Tests are tables: long rows of cases read better in one place. */
const maximumTestLines = 600;
/** Files that may be longer, each with its reason. */
const longFiles: Readonly<Record<string, string>> = {
  'web/client/operations.ts': 'it is generated from the route table, a line an operation',
};

const short: Rule = {
  sentence: `no file is longer than ${maximumLines} lines, no test longer than ${maximumTestLines}`,
  broken: (tree) =>
    [...tree.sources.values()]
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
      .filter(
        ({ path, lines }) =>
          lines > (path.endsWith('.test.ts') ? maximumTestLines : maximumLines) &&
          !Object.hasOwn(longFiles, path),
      )
      .map(({ path, lines }) => `${path} has ${lines} lines`),
};

const functionFolders = (tree: Tree): string[] => [
  ...new Set(tree.paths.map((path) => /^functions\/([^/]+)\//.exec(path)?.[1] ?? '').filter(Boolean)),
];

const wholeFunctions: Rule = {
  sentence: 'every folder under functions holds a contract and a handler and stands in functions/index.ts',
  broken: (tree) => {
    const listed = tree.sources.get('functions/index.ts')?.imports.map(({ file }) => file) ?? [];
    return functionFolders(tree).flatMap((name) => [
      ...['contract.ts', 'handler.ts']
        .filter((file) => !tree.sources.has(`functions/${name}/${file}`))
        .map((file) => `functions/${name} has no ${file}`),
      ...(listed.includes(`functions/${name}/contract.ts`)
        ? []
        : [`functions/${name} is not in functions/index.ts`]),
    ]);
  },
};

const openingWords = /^\*[\s*]*Trigger:[\s\S]+\bPromise\b/;
const handlersIntroduced: Rule = {
  sentence: 'every handler opens with its trigger and its promise',
  broken: (tree) =>
    functionFolders(tree)
      .map((name) => tree.sources.get(`functions/${name}/handler.ts`))
      .filter((source) => source !== undefined)
      .filter(({ comments: [first] }) => !(first && first.start === 0 && openingWords.test(first.value)))
      .map(({ path }) => `${path} does not open with /** Trigger: … Promise: … */`),
};

export const layoutRules: readonly Rule[] = [namesSay, short, wholeFunctions, handlersIntroduced];
