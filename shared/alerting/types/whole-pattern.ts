import { RE2JS } from 're2js';

/** Time grows with text times instructions; names are short, so few instructions more hurt nobody. */
const mostInstructions = 1000;
const longestText = 4096;
const mostKept = 200;
const kept = new Map<string, RE2JS>();

/** Why a text is no pattern for a name; undefined when it is one. */
export const patternFault = (pattern: string): string | undefined => {
  try {
    const compiled = RE2JS.compile(pattern);
    return compiled.programSize() > mostInstructions ? 'its repetitions make it too large' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** Whether a saved pattern fits a whole text. */
export const fitsWhole = (pattern: string, text: string): boolean => {
  const compiled = kept.get(pattern) ?? RE2JS.compile(pattern);
  if (kept.size >= mostKept) kept.clear();
  kept.set(pattern, compiled);
  return compiled.matches(text.slice(0, longestText));
};
