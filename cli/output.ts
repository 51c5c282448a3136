/** NO_COLOR wins over everything, FORCE_COLOR over the kind of output. See https://no-color.org. */
const coloured = (): boolean => {
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR) return true;
  return process.stdout.isTTY === true;
};

const codes = { red: 31, green: 32, yellow: 33, grey: 90, bold: 1 } as const;
export type Colour = keyof typeof codes;

export const paint = (colour: Colour, text: string): string =>
  coloured() ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;

/** Text from outside with what could move the cursor or forge lines made visible. */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The answer itself: what a pipe or a file receives. */
export const say = (text = ''): void => void process.stdout.write(`${text}\n`);

/** Everything beside the answer: errors, advice, progress. */
export const sayAside = (text: string): void => void process.stderr.write(`${text}\n`);

export const sayJson = (value: unknown): void => say(JSON.stringify(value, null, 2));

/** One line that is written over, on a terminal only. */
export const showProgress = (done: number, total: number): void => {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${done} of ${total} changes${done === total ? '\n' : ''}`);
};

export type Cell = { readonly text: string; readonly colour?: Colour };

/** Columns as wide as their widest cell; the last one is not padded. */
export const table = (headings: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const all = [headings.map((text): Cell => ({ text, colour: 'grey' })), ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.text.length ?? 0)));
  return all
    .map((row) =>
      row
        .map(({ text, colour }, column) => {
          const padded = column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0);
          return colour ? paint(colour, padded) : padded;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
