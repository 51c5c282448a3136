/*
 * expression = either { "or" either }          either     = part { "and" part }
 * part       = "not" part | comparison         comparison = sum [ (">"|">="|"<"|"<="|"=="|"!=") sum ]
 * sum        = product { ("+"|"-") product }   product    = signed { ("*"|"/"|"%") signed }
 * signed     = "-" signed | number | name | ("min"|"max"|"abs") "(" sum { "," sum } ")" | "(" expression ")"
 */

export const longestExpression = 500;
const deepest = 32;
const mostArguments = 10;

/**
 * A parsed expression in postfix order, flat whatever the nesting, so that an item can hold it: numbers, names, and
 * operators, which take what stands before them (`a 5 >`); `min/3` takes three.
 */
export type Program = readonly (number | string)[];

export type ExpressionKind = 'number' | 'boolean';

export type Expression = {
  readonly program: Program;
  readonly kind: ExpressionKind;
  /** Each once, in the order of their appearance. */
  readonly names: readonly string[];
};

/** An expression that cannot be saved: the column, counted from 1, and in the message what to write there. */
export class ExpressionFault extends Error {
  readonly column: number;

  constructor(column: number, advice: string) {
    super(`${advice.charAt(0).toUpperCase()}${advice.slice(1)}`);
    this.name = 'ExpressionFault';
    this.column = column;
  }
}

export const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;
const functions: Readonly<Record<string, readonly [least: number, most: number]>> = {
  min: [2, mostArguments],
  max: [2, mostArguments],
  abs: [1, 1],
};
export const reservedNames: readonly string[] = ['and', 'or', 'not', ...Object.keys(functions)];

type Token = { readonly text: string; readonly at: number };

const tokenPattern =
  /[ \t\r\n]*(?:(\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?(?![\w.]))|([A-Za-z_][A-Za-z0-9_]*)|(>=|<=|==|!=|[-+*/%<>(),]))/y;

const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < end) {
    const from = tokenPattern.lastIndex;
    const found = tokenPattern.exec(text);
    if (!found) {
      const blanks = /[ \t\r\n]*/y;
      blanks.lastIndex = from;
      blanks.exec(text);
      throw new ExpressionFault(
        blanks.lastIndex + 1,
        'write numbers, names of series, + - * / %, > >= < <= == !=, and, or, not, min( ), max( ), abs( )',
      );
    }
    const token = found[1] ?? found[2] ?? found[3] ?? '';
    tokens.push({ text: token, at: tokenPattern.lastIndex - token.length });
  }
  return tokens;
};

/** Parses an expression. Throws `ExpressionFault`, and nothing else whatever the text. */
export const parseExpression = (text: string): Expression => {
  if (text.length > longestExpression)
    throw new ExpressionFault(longestExpression + 1, `write at most ${longestExpression} characters`);
  const reader = new Reader(tokensOf(text), text.length);
  const kind = either(reader, 0);
  const rest = reader.peek();
  if (rest !== undefined) throw reader.fault(adviceFor(rest));
  const names = reader.program.filter(
    (one): one is string => typeof one === 'string' && namePattern.test(one) && !reservedNames.includes(one),
  );
  return { program: reader.program, kind, names: [...new Set(names)] };
};

const adviceFor = (rest: string): string => {
  if (rest === ')') return 'take away this ), or open it before';
  if (/^[<>=!]/.test(rest)) return 'compare once, and join comparisons with and';
  return 'write an operator before this';
};

class Reader {
  readonly program: (number | string)[] = [];
  readonly #tokens: readonly Token[];
  readonly #length: number;
  #next = 0;

  constructor(tokens: readonly Token[], length: number) {
    this.#tokens = tokens;
    this.#length = length;
  }

  peek(): string | undefined {
    return this.#tokens[this.#next]?.text;
  }

  at(): number {
    return this.#tokens[this.#next]?.at ?? this.#length;
  }

  /** Reads the next token if it is one of these. */
  take(...wanted: readonly string[]): string | undefined {
    const text = this.peek();
    if (text === undefined || !wanted.includes(text)) return undefined;
    this.#next += 1;
    return text;
  }

  skip(): void {
    this.#next += 1;
  }

  fault(advice: string, at = this.at()): ExpressionFault {
    return new ExpressionFault(at + 1, advice);
  }

  /** Throws unless it is of the kind that is needed. */
  need(kind: ExpressionKind, wanted: ExpressionKind, at: number, where: string): void {
    if (kind === wanted) return;
    throw this.fault(
      wanted === 'number'
        ? `write a number ${where}: this is true or false`
        : `write a comparison ${where}, such as a > 5: this is a number`,
      at,
    );
  }
}

type Rule = (reader: Reader, depth: number) => ExpressionKind;

/** Operands joined by operators of one rank, from left to right. */
const joined =
  (part: Rule, kind: ExpressionKind, ...operators: readonly string[]): Rule =>
  (reader, depth) => {
    const from = reader.at();
    const first = part(reader, depth);
    for (let operator = reader.take(...operators); operator; operator = reader.take(...operators)) {
      reader.need(first, kind, from, `before ${operator}`);
      const at = reader.at();
      reader.need(part(reader, depth), kind, at, `after ${operator}`);
      reader.program.push(operator);
    }
    return first;
  };

const signed: Rule = (reader, depth) => {
  if (depth > deepest) throw reader.fault(`nest at most ${deepest} deep`);
  if (reader.take('-')) {
    const at = reader.at();
    reader.need(signed(reader, depth + 1), 'number', at, 'after -');
    reader.program.push('neg/1');
    return 'number';
  }
  if (reader.take('(')) {
    const kind = either(reader, depth + 1);
    if (!reader.take(')')) throw reader.fault('close it with )');
    return kind;
  }
  return primary(reader, depth);
};

const primary: Rule = (reader, depth) => {
  const text = reader.peek();
  const from = reader.at();
  if (text !== undefined && /^\d/.test(text)) {
    reader.skip();
    reader.program.push(Number(text));
    return 'number';
  }
  if (text === undefined || !/^[A-Za-z_]/.test(text) || ['and', 'or', 'not'].includes(text))
    throw reader.fault('write a number, the name of a series, or something in ( )');
  reader.skip();
  const takes = Object.hasOwn(functions, text) ? functions[text] : undefined;
  if (!takes) {
    if (!namePattern.test(text)) throw reader.fault('give the series a name of at most 40 characters', from);
    if (reader.peek() === '(') throw reader.fault('write min, max or abs: there is no other function', from);
    reader.program.push(text);
    return 'number';
  }
  call(reader, depth, text, takes);
  return 'number';
};

const call = (
  reader: Reader,
  depth: number,
  name: string,
  [least, most]: readonly [least: number, most: number],
): void => {
  const from = reader.at();
  if (!reader.take('(')) throw reader.fault(`open ${name} with (`);
  let count = 0;
  do {
    const at = reader.at();
    reader.need(sum(reader, depth + 1), 'number', at, `in ${name}( )`);
    count += 1;
  } while (reader.take(','));
  if (!reader.take(')')) throw reader.fault(`close ${name}( with )`);
  if (count < least || count > most)
    throw reader.fault(
      `give ${name}( ) ${least === most ? 'one value' : `${least} to ${most} values`}`,
      from,
    );
  reader.program.push(`${name}/${count}`);
};

const product = joined(signed, 'number', '*', '/', '%');
const sum = joined(product, 'number', '+', '-');

const comparison: Rule = (reader, depth) => {
  const from = reader.at();
  const left = sum(reader, depth);
  const operator = reader.take('>', '>=', '<', '<=', '==', '!=');
  if (!operator) return left;
  reader.need(left, 'number', from, `before ${operator}`);
  const at = reader.at();
  reader.need(sum(reader, depth), 'number', at, `after ${operator}`);
  reader.program.push(operator);
  return 'boolean';
};

const part: Rule = (reader, depth) => {
  if (depth > deepest) throw reader.fault(`nest at most ${deepest} deep`);
  if (!reader.take('not')) return comparison(reader, depth);
  const at = reader.at();
  reader.need(part(reader, depth + 1), 'boolean', at, 'after not');
  reader.program.push('not');
  return 'boolean';
};

const conjunction = joined(part, 'boolean', 'and');
const either: Rule = (reader, depth) => joined(conjunction, 'boolean', 'or')(reader, depth);
