import type { Refuse } from './pattern-operators.ts';

/** `*` stands for any characters; `\*` and `\\` are literal; two `*` in a row and other escapes are refused. */
export function compileWildcard(pattern: string, path: string, refuse: Refuse): (value: string) => boolean {
  const literals = [''];
  const append = (character: string): void => {
    literals.push(`${literals.pop()}${character}`);
  };
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === '*') {
      if (next === '*') return refuse(path, `consecutive wildcard characters at position ${index}`);
      literals.push('');
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\') return refuse(path, `invalid escape character at position ${index}`);
      append(next);
      index++;
    } else {
      append(character);
    }
  }
  return (value) => matchesLiterals(literals, value);
}

/** Greedy from the left is exact, for a `*` has no other bound; and unlike a regular expression it never backtracks. */
function matchesLiterals(literals: readonly string[], value: string): boolean {
  const head = literals[0] ?? '';
  if (literals.length === 1) return value === head;
  const tail = literals.at(-1) ?? '';
  if (value.length < head.length + tail.length || !value.startsWith(head) || !value.endsWith(tail))
    return false;
  const end = value.length - tail.length;
  let from = head.length;
  for (const literal of literals.slice(1, -1)) {
    const found = value.indexOf(literal, from);
    if (found === -1 || found + literal.length > end) return false;
    from = found + literal.length;
  }
  return true;
}
