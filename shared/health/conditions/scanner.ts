/** A condition that cannot be saved: the column, counted from 1, and in the message what to write there. */
export class ConditionFault extends Error {
  readonly column: number;

  constructor(column: number, advice: string) {
    super(`${advice.charAt(0).toUpperCase()}${advice.slice(1)}`);
    this.name = 'ConditionFault';
    this.column = column;
  }
}

const blank = /[ \t\r\n]*/y;

/** Reads a text from left to right, once. */
export type Scanner = {
  /** Where the next character stands, blanks skipped; from 0. */
  at(): number;
  isAtEnd(): boolean;
  /** Reads these characters if they come next. */
  skip(characters: string): boolean;
  /** Reads what the pattern finds here; a sticky one (`y`). With `isTight`, no blank may come before it. */
  take(pattern: RegExp, isTight?: boolean): RegExpExecArray | undefined;
  fault(advice: string, at?: number): ConditionFault;
};

export const scannerOf = (text: string): Scanner => {
  let at = 0;
  const skipBlanks = () => {
    blank.lastIndex = at;
    blank.exec(text);
    at = blank.lastIndex;
  };
  const take = (pattern: RegExp, isTight = false): RegExpExecArray | undefined => {
    if (!isTight) skipBlanks();
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) return undefined;
    at = pattern.lastIndex;
    return found;
  };
  return {
    at: () => {
      skipBlanks();
      return at;
    },
    isAtEnd: () => {
      skipBlanks();
      return at >= text.length;
    },
    skip: (characters) => {
      skipBlanks();
      if (!text.startsWith(characters, at)) return false;
      at += characters.length;
      return true;
    },
    take,
    fault: (advice, where = at) => new ConditionFault(where + 1, advice),
  };
};

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * A text in single or double quotes; undefined when none begins here. `\\`, `\"`, `\'`, `\n`, `\r`, `\t` and `\u0000`
 * are read; any other backslash stays as it is, so that patterns need not be written with two of each.
 */
export const takeQuoted = (scanner: Scanner): string | undefined => {
  const from = scanner.at();
  const quote = scanner.take(/["']/y)?.[0];
  if (quote === undefined) return undefined;
  const inner =
    scanner.take(quote === '"' ? /(?:[^"\\]|\\[\s\S])*/y : /(?:[^'\\]|\\[\s\S])*/y, true)?.[0] ?? '';
  if (!scanner.take(/["']/y, true)) throw scanner.fault(`close the text with ${quote}`, from);
  return inner.replace(/\\(?:u([0-9a-fA-F]{4})|([\\"'nrt]))/g, (_, code?: string, one?: string) =>
    code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : (escapes[one ?? ''] ?? one ?? ''),
  );
};
