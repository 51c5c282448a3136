import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { ConfigurationError, type FieldPath, type Position, type Problem, pathText } from './problem.ts';
import { type Environment, substitute } from './substitute.ts';

/** A file's content as null-prototype values, and where each of its fields stands. */
export type Source = {
  readonly file: string;
  readonly value: unknown;
  /** Of the field, or of the nearest one around it that is there. `key`: of its name instead of its value. */
  readonly locate: (path: FieldPath, of?: 'key' | 'value') => Position;
  readonly has: (path: FieldPath) => boolean;
};

/** About ten thousand checks; a larger configuration is split over several files. */
export const maximumBytes = 2 * 1024 * 1024;
/** Our own deepest field is at 8. */
const maximumDepth = 32;
/** Counted with every alias written out, so that ten lines cannot become ten million values. */
const maximumValues = 200_000;
/** People mend a screenful at a time. */
const maximumProblems = 50;
/** Names that reach into JavaScript's own objects when a map is copied carelessly. */
const reservedKeys: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** What people type wrong most, in words that say what to do; for the rest the parser's own sentence is good. */
const syntaxAdvice: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces: YAML allows no tabs here.',
  MULTIPLE_DOCS: 'Keep one document a file: remove the --- line, or make several files.',
  RESOURCE_EXHAUSTION: `Nest less deeply: at most ${maximumDepth} levels are read.`,
  NON_STRING_KEY: 'Name a field with plain text, not with a list or a map.',
  BAD_INDENT: 'Indent this line as its neighbours are.',
  UNEXPECTED_TOKEN:
    'Put quotes around a text with special characters, or correct the punctuation: this cannot stand here.',
  BLOCK_AS_IMPLICIT_KEY: 'Put quotes around a value with «: » in it, or start the inner map on its own line.',
};

/**
 * Reads one YAML 1.2 file. Aliases are allowed within the caps; duplicate and reserved keys, unknown tags, deep and
 * cyclic documents are refused. Throws ConfigurationError with every problem found.
 */
export const readSource = (file: string, text: string, environment: Environment): Source => {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (Buffer.byteLength(text) > maximumBytes) {
    throw new ConfigurationError([
      {
        file,
        line: 1,
        column: 1,
        path: '',
        message: 'Split this file and use include: a file may have 2 MiB.',
      },
    ]);
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // The parser compares each key with every other of its map; `plainValue` below uses a set.
    uniqueKeys: false,
  });
  const [broken] = [...document.errors, ...document.warnings].sort(
    (left, right) => left.pos[0] - right.pos[0],
  );
  if (broken) {
    const tooDeep = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
    const { code, message, pos } = tooDeep ?? broken;
    // One only: what a parser says after the first is mostly its consequence.
    throw new ConfigurationError([
      { file, ...at(pos[0]), path: '', message: syntaxAdvice[code] ?? `Correct the YAML here: ${message}.` },
    ]);
  }
  const targets = aliasTargets(document);
  const problems: Problem[] = [];
  const value = plainValue(document.contents, targets, environment, (node, path, message) =>
    problems.push({ file, ...at(node.range?.[0] ?? 0), path: pathText(path), message }),
  );
  if (problems.length > 0) throw new ConfigurationError(problems.slice(0, maximumProblems));
  const find = finder(document, targets);
  return {
    file,
    value,
    locate: (path, of = 'value') => at(find(path)[of]),
    has: (path) => find(path).depth === path.length,
  };
};

/** One pass over the document: the parser's own lookup walks it once for every alias. */
const aliasTargets = (document: Document.Parsed): ReadonlyMap<Node, Node> => {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) targets.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
};

type Refuse = (node: Node, path: FieldPath, message: string) => void;

const plainValue = (
  root: Node | null,
  targets: ReadonlyMap<Node, Node>,
  environment: Environment,
  refuse: Refuse,
): unknown => {
  let values = 0;
  let full = false;
  /** The alias being written out, if any: what people can mend, whatever it leads to. */
  let through: Node | undefined;

  const scalar = (node: Scalar, path: FieldPath): unknown => {
    if (typeof node.value !== 'string') return node.value;
    const result = substitute(node.value, environment);
    if ('value' in result) return result.value;
    refuse(node, path, result.fault);
    return '';
  };
  const map = (node: YAMLMap, path: FieldPath): unknown => {
    const result: Record<string, unknown> = Object.create(null);
    for (const pair of node.items) {
      const key = pair.key as Scalar;
      const name = String(key.value);
      if (reservedKeys.includes(name))
        refuse(key, [...path, name], `Use another name: «${name}» is reserved.`);
      else if (name in result) refuse(key, [...path, name], 'Keep one of them: this field is given twice.');
      else result[name] = read(pair.value as Node | null, [...path, name]);
    }
    return result;
  };
  const read = (node: Node | null, path: FieldPath): unknown => {
    if (!node || full) return null;
    values += 1;
    if (values > maximumValues || path.length > maximumDepth) {
      full = true;
      const what =
        values > maximumValues
          ? 'Use fewer aliases, or split the file: written out it has more than 200,000 values.'
          : `Nest less deeply, and put no alias inside its own anchor: at most ${maximumDepth} levels are read.`;
      refuse(through ?? node, [], what);
      return null;
    }
    if (isAlias(node)) {
      const target = targets.get(node);
      if (target) {
        const outermost = through === undefined;
        if (outermost) through = node;
        const value = read(target, path);
        if (outermost) through = undefined;
        return value;
      }
      refuse(
        node,
        path,
        `Put an anchor &${node.source} above this *${node.source}, or put quotes around a text.`,
      );
      return null;
    }
    if (isMap(node)) return map(node, path);
    if (isSeq(node)) return node.items.map((item, index) => read(item as Node | null, [...path, index]));
    return isScalar(node) ? scalar(node, path) : null;
  };
  return read(root, []);
};

const finder = (document: Document.Parsed, targets: ReadonlyMap<Node, Node>) => (path: FieldPath) => {
  let node: Node | null = document.contents;
  let found = { key: node?.range?.[0] ?? 0, value: node?.range?.[0] ?? 0, depth: 0 };
  for (const part of path) {
    const inner: Node | undefined = node && isAlias(node) ? targets.get(node) : (node ?? undefined);
    if (isSeq(inner) && typeof part === 'number' && inner.items[part]) {
      node = inner.items[part] as Node;
      const start = node.range?.[0] ?? found.value;
      found = { key: start, value: start, depth: found.depth + 1 };
    } else if (isMap(inner)) {
      const pair = inner.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (!pair) break;
      node = pair.value as Node | null;
      const start = (pair.key as Scalar).range?.[0] ?? found.value;
      found = { key: start, value: node?.range?.[0] ?? start, depth: found.depth + 1 };
    } else break;
  }
  return found;
};
