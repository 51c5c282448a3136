import { describe, expect, it } from 'vitest';
import { printable, table } from '../../cli/output.ts';

describe('What the command line program prints', () => {
  it.each([
    ['two\nlines', 'two\\u000alines'],
    ['\u001b[2Jcleared', '\\u001b[2Jcleared'],
    ['abc\u202ecba', 'abc\\u202ecba'],
    ['Größe 👍 <b>', 'Größe 👍 <b>'],
  ])('shows what could move the cursor or forge a line: %j (fault 28)', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('is a table with columns as wide as they must be', () => {
    const cells = (...texts: string[]) => texts.map((text) => ({ text }));
    expect(table(['A', 'LONGER', 'C'], [cells('wide cell', 'x', 'last'), cells('y', '', '')])).toBe(
      'A          LONGER  C\nwide cell  x       last\ny',
    );
  });
});
