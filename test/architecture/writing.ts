import { Visitor } from 'vite';
import type { Rule } from './rule.ts';
import type { Source, Tree } from './sources.ts';

const lineOf = ({ text }: Source, start: number): number => text.slice(0, start).split('\n').length;

type Seen = (what: string, start: number) => void;

/** A rule about what stands in modules whose path `where` accepts; `look` reports each find with its offset. */
const written = (sentence: string, where: RegExp, look: (source: Source, seen: Seen) => void): Rule => ({
  sentence,
  broken: (tree: Tree) => {
    const lines = new Set<string>();
    for (const source of tree.sources.values()) {
      if (where.test(source.path)) {
        look(source, (what, start) => lines.add(`${source.path}:${lineOf(source, start)} ${what}`));
      }
    }
    return [...lines];
  },
});

/** The last name of an expression: `process`, `globalThis.process` and `import('x').process` are all `process`. */
const nameOf = (node: {
  type: string;
  name?: unknown;
  property?: unknown;
  value?: unknown;
}): string | undefined => {
  if (node.type === 'Identifier') return String(node.name);
  if (node.type === 'MemberExpression') return nameOf(node.property as { type: string });
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
};

const ambientMembers: Readonly<Record<string, readonly string[]>> = {
  process: ['env'],
  Date: ['now'],
  Math: ['random'],
  crypto: ['getRandomValues'],
};
const ambientNames = ['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync'];

/** Outside shared/platform time, identity and environment are arguments; otherwise no driven clock and no replay. */
const ambient = written(
  'time, ids, randomness and the environment come in only through shared/platform',
  /^(functions\/|shared\/(?!platform\/))/,
  (source, seen) =>
    new Visitor({
      MemberExpression: (node) => {
        const [owner, name] = [nameOf(node.object), nameOf(node.property)];
        if (owner && name && ambientMembers[owner]?.includes(name)) seen(`${owner}.${name}`, node.start);
      },
      VariableDeclarator: ({ id, init, start }) => {
        const owner = init ? nameOf(init) : undefined;
        if (id.type === 'ObjectPattern' && owner && ambientMembers[owner]) seen(`parts of ${owner}`, start);
      },
      NewExpression: (node) => {
        if (nameOf(node.callee) === 'Date' && node.arguments.length === 0) seen('new Date()', node.start);
      },
      CallExpression: (node) => {
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date') seen('Date()', node.start);
      },
      Identifier: ({ name, start }) => {
        if (ambientNames.includes(name)) seen(name, start);
      },
      ImportDeclaration: ({ source: { value }, importKind, start }) => {
        if (/^(node:)?process$/.test(value) && importKind !== 'type') seen('import of process', start);
      },
    }).visit(source.program),
);

const leftOut = ['only', 'skip', 'todo', 'fails'];
const wholeTests = written(
  'no test is left out or alone: only, skip, todo, fails',
  /^test\//,
  (source, seen) =>
    new Visitor({
      MemberExpression: (node) => {
        const name = nameOf(node.property);
        let root = node.object;
        while (root.type === 'MemberExpression' || root.type === 'CallExpression') {
          root = root.type === 'MemberExpression' ? root.object : root.callee;
        }
        const suite =
          root.type === 'Identifier' && ['test', 'it', 'describe', 'suite', 'bench'].includes(root.name);
        if (suite && name && leftOut.includes(name)) seen(`.${name}`, node.start);
      },
    }).visit(source.program),
);

const typed = written('no type is `any`', /\.(ts|tsx|mts)$/, (source, seen) =>
  new Visitor({ TSAnyKeyword: ({ start }) => seen('any', start) }).visit(source.program),
);

const checked = written(
  'no line is hidden from the compiler or the linter without a reason',
  /./,
  (source, seen) => {
    for (const { value, start } of source.comments) {
      if (/@ts-(ignore|nocheck)/.test(value)) seen(value.trim(), start);
      if (/biome-ignore(?![^\n]*:\s*\S)/.test(value)) seen(value.trim(), start);
    }
  },
);

const finished = written('nothing is left to do in a comment', /./, (source, seen) => {
  for (const { value, start } of source.comments)
    if (/\b(TODO|FIXME|XXX|HACK)\b/.test(value)) seen(value.trim(), start);
});

export const writingRules: readonly Rule[] = [ambient, wholeTests, typed, checked, finished];
