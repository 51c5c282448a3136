import { RE2JS } from 're2js';

/** A compiled pattern. Its time grows with the text's length only, whatever the pattern (RE2). */
export type Pattern = { isIn(text: string): boolean };

/** Patterns come from definitions; a runner sees at most a few hundred, and an unlucky one must not fill its memory. */
const mostKept = 500;
const kept = new Map<string, Pattern>();

/**
 * Time grows with text times instructions, and counted repetitions multiply: `(?:[a-c]?){1000}` takes seconds for 64 KiB.
 * Few patterns have more than a hundred instructions.
 */
const mostInstructions = 1000;
/** 64 Ki characters for 200 instructions, which is under a second; larger patterns search less. */
const mostSteps = 65_536 * 200;

/** Compiles once a process. Throws with RE2's own words when it is no pattern of RE2, and where it is too large. */
export const patternOf = (text: string): Pattern => {
  const earlier = kept.get(text);
  if (earlier) return earlier;
  const compiled = RE2JS.compile(text);
  const instructions = compiled.programSize();
  if (instructions > mostInstructions) throw new Error('its repetitions make it too large');
  const mostSearched = Math.floor(mostSteps / instructions);
  const pattern: Pattern = { isIn: (searched) => compiled.matcher(searched.slice(0, mostSearched)).find() };
  if (kept.size >= mostKept) kept.clear();
  kept.set(text, pattern);
  return pattern;
};
