import {
  type Condition,
  type Literal,
  type Operand,
  type Operator,
  type Path,
  type Placeholder,
  placeholders,
  type Source,
} from './condition.ts';
import { patternOf } from './pattern.ts';
import { ConditionFault, type Scanner, scannerOf, takeQuoted } from './scanner.ts';

export { ConditionFault } from './scanner.ts';

/*
 * condition = side operator operand
 * The whole grammar stands in docs/conditions.md. One pass from left to right; nothing in it nests, so neither time nor
 * stack grows with anything but the length.
 */

export const longestCondition = 500;
const deepestPath = 32;
const longestList = 100;

/** Those whose value has an inside. Of a header only the name follows. */
const withPath = new Set<Placeholder>(['BODY', 'HEADER', 'VALUE', 'DNS_ANSWER']);

/**
 * Parses one condition, such as `[STATUS] in 200..299`. Throws `ConditionFault`, which names the column and says what
 * to write.
 */
export const parseCondition = (text: string): Condition => {
  const scanner = begin(text);
  const left = takeSide(scanner);
  if (!left) throw scanner.fault('begin with a placeholder such as [STATUS], or with len([BODY].items)');
  const operatorAt = scanner.at();
  const operator = takeOperator(scanner);
  const rightAt = scanner.at();
  const right = takeRight(scanner, left, operator);
  if (!scanner.isAtEnd())
    throw scanner.fault('end here: one condition is one comparison; write a second one');
  const fault = misfit(left, operator, right);
  if (fault) throw scanner.fault(fault.advice, fault.of === 'operator' ? operatorAt : rightAt);
  return { text, left, operator, right };
};

/** Parses where a value comes from, such as `[BODY].token`. Throws `ConditionFault`. */
export const parseSource = (text: string): Source => {
  const scanner = begin(text);
  const path = takePath(scanner);
  if (!path) throw scanner.fault('begin with a placeholder such as [BODY].token or [HEADER].location');
  if (!scanner.isAtEnd()) throw scanner.fault('end here: name one value');
  return { text, ...path };
};

const begin = (text: string): Scanner => {
  if (text.length > longestCondition) {
    throw new ConditionFault(longestCondition + 1, `write at most ${longestCondition} characters`);
  }
  const hidden = /\$\{(?:secret|step):|(?![\t\r\n])\p{Cc}|\p{Cs}/u.exec(text);
  if (hidden?.[0].startsWith('$')) {
    throw new ConditionFault(
      hidden.index + 1,
      'compare with a plain value: conditions read no secrets and captures',
    );
  }
  if (hidden) throw new ConditionFault(hidden.index + 1, 'write control characters as \\u0000');
  return scannerOf(text);
};

/** For the schemas of kinds, which get it as an argument. */
export const conditionParser = { parseCondition, parseSource };

/** `[BODY].items[0]` or `len([BODY].items)`. */
const takeSide = (scanner: Scanner): Path | { readonly len: Path } | undefined => {
  if (!scanner.take(/len[ \t]*\(/y)) return takePath(scanner);
  const len = takePath(scanner);
  if (!len) throw scanner.fault('write a placeholder such as [BODY].items inside len( )');
  if (!scanner.skip(')')) throw scanner.fault('close len( with )');
  return { len };
};

const takePath = (scanner: Scanner): Path | undefined => {
  const from = scanner.at();
  const name = scanner.take(/\[([A-Z_]+)\]/y)?.[1];
  if (name === undefined) return undefined;
  const of = placeholders.find((one) => one === name);
  if (!of) throw scanner.fault(`write one of ${placeholders.map((one) => `[${one}]`).join(', ')}`, from);
  const path: (string | number)[] = [];
  for (let step = takeStep(scanner); step !== undefined; step = takeStep(scanner)) {
    path.push(of === 'HEADER' ? String(step).toLowerCase() : step);
    if (path.length > deepestPath) throw scanner.fault(`go at most ${deepestPath} steps deep`);
  }
  if (path.length > 0 && !withPath.has(of))
    throw scanner.fault(`write [${of}] alone: it has no inside`, from);
  if (of === 'HEADER' && path.length !== 1) {
    throw scanner.fault('name one header, such as [HEADER].content-type', from);
  }
  return { of, path };
};

/** `.name`, `[0]` or `["a name"]`, without blanks before it. */
const takeStep = (scanner: Scanner): string | number | undefined => {
  if (scanner.take(/\.(?!\.)/y, true)) {
    const name = scanner.take(/[\p{L}_$][\p{L}\p{N}_$-]*/uy, true)?.[0];
    if (name === undefined) throw scanner.fault('write a name after the dot, or ["any name"] instead of it');
    return name;
  }
  if (!scanner.take(/\[/y, true)) return undefined;
  const index = scanner.take(/\d{1,9}/y)?.[0];
  const step = index === undefined ? takeQuoted(scanner) : Number(index);
  if (step === undefined) throw scanner.fault('write a number or a quoted name, such as [0] or ["a name"]');
  if (!scanner.skip(']')) throw scanner.fault('close it with ]');
  return step;
};

const takeOperator = (scanner: Scanner): Operator => {
  const symbol = scanner.take(/==|!=|<=|>=|<|>|(?:not\s+)?(?:in|contains|matches)\b/y)?.[0];
  if (symbol === undefined) {
    throw scanner.fault('write an operator: ==, !=, <, <=, >, >=, in, not in, contains, matches');
  }
  return symbol.replace(/\s+/, ' ') as Operator;
};

const takeRight = (scanner: Scanner, left: Operand, operator: Operator): Operand => {
  const isMembership = operator === 'in' || operator === 'not in';
  const side = takeSide(scanner);
  if (side && !isMembership) return side;
  if (!side && scanner.skip('[')) return { list: takeList(scanner) };
  const from = scanner.at();
  const literal = side ? undefined : takeLiteral(scanner, left);
  if (typeof literal === 'number' && scanner.take(/\.\./y)) {
    const to = takeLiteral(scanner, left);
    if (typeof to !== 'number' || to < literal) throw scanner.fault('write a range as 200..299', from);
    return { from: literal, to };
  }
  if (isMembership) throw scanner.fault('write a range or a list, such as 200..299 or [200, 204]', from);
  if (literal === undefined) {
    throw scanner.fault('write a number, a text in quotes, true, false or null after the operator', from);
  }
  return { literal };
};

const takeList = (scanner: Scanner): readonly Literal[] => {
  const list: Literal[] = [];
  do {
    const literal = takeLiteral(scanner);
    if (literal === undefined) throw scanner.fault('write numbers or texts in quotes, such as [200, 204]');
    list.push(literal);
    if (list.length > longestList) throw scanner.fault(`write at most ${longestList} values in a list`);
  } while (scanner.skip(','));
  if (!scanner.skip(']')) throw scanner.fault('close the list with ]');
  return list;
};

const words: Readonly<Record<string, Literal>> = { true: true, false: false, null: null };

const takeLiteral = (scanner: Scanner, left?: Operand): Literal | undefined => {
  const quoted = takeQuoted(scanner);
  if (quoted !== undefined) return quoted;
  const word = scanner.take(/(?:true|false|null)\b/y)?.[0];
  if (word !== undefined) return words[word];
  const from = scanner.at();
  const number = scanner.take(/-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?/y)?.[0];
  if (number === undefined) return undefined;
  if (!Number.isFinite(Number(number))) throw scanner.fault('write a smaller number', from);
  const unit = scanner.take(/[\p{L}\p{N}_]+/uy, true)?.[0];
  // Zero has one sign only.
  if (unit === undefined) return Number(number) + 0;
  const factor = unitsOf(left)[unit];
  if (factor === undefined)
    throw scanner.fault('put text in quotes; units go only with [RESPONSE_TIME]', from);
  return Number(number) * factor + 0;
};

/** A time is in milliseconds, whatever it is written in; days stay days. */
const unitsOf = (left: Operand | undefined): Readonly<Record<string, number>> => {
  if (left === undefined || !('of' in left)) return {};
  if (left.of === 'RESPONSE_TIME') return { ms: 1, s: 1000 };
  return left.of === 'CERTIFICATE_DAYS' ? { d: 1 } : {};
};

type Misfit = { readonly of: 'operator' | 'right'; readonly advice: string };

/** Why the sides do not go with the operator. */
const misfit = (left: Operand, operator: Operator, right: Operand): Misfit | undefined => {
  const isMembership = operator === 'in' || operator === 'not in';
  if (('list' in right || 'from' in right) && !isMembership) {
    return { of: 'operator', advice: 'write in or not in before a range or a list' };
  }
  if (operator.endsWith('matches')) return patternMisfit(right);
  const literal = 'literal' in right ? right.literal : undefined;
  if (/[<>]/.test(operator) && literal !== undefined && typeof literal !== 'number') {
    return { of: 'right', advice: `write a number after ${operator}` };
  }
  if (operator.endsWith('contains') && ('len' in left || literal === null)) {
    return { of: 'operator', advice: 'only texts, lists and objects contain something: write ==' };
  }
  return undefined;
};

const patternMisfit = (right: Operand): Misfit | undefined => {
  if (!('literal' in right) || typeof right.literal !== 'string') {
    return { of: 'right', advice: 'write a pattern in quotes, such as "^v[0-9]+$"' };
  }
  try {
    patternOf(right.literal);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      of: 'right',
      advice: `write a pattern that RE2 knows, without look-around and back-references (${why})`,
    };
  }
};
