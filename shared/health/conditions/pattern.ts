import { RE2JS } from 're2js';

/** A compiled pattern. Its time grows with the text's length only, whatever the pattern (RE2). */
export type Pattern = { isIn(text: string): boolean };

/** Patterns come from definitions; a runner sees at most a few hundred, and an unlucky one must not fill its memory. */
const mostKept = 500;
const kept = new Map<string, Pattern>();

/** Compiles once a process. Throws with RE2's own words when it is no pattern of RE2. */
export const patternOf = (text: string): Pattern => {
  const earlier = kept.get(text);
  if (earlier) return earlier;
  const compiled = RE2JS.compile(text);
  const pattern: Pattern = { isIn: (searched) => compiled.matcher(searched).find() };
  if (kept.size >= mostKept) kept.clear();
  kept.set(text, pattern);
  return pattern;
};
