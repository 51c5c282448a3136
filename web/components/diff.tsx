import { useState } from 'preact/hooks';
import type { Change } from './diff-rows.ts';
import './diff.css';

type DiffProps = {
  readonly rows: readonly Change[];
  /** For those who hear the table. */
  readonly caption: string;
  readonly titles?: readonly [before: string, after: string];
};

/** What is and what will be, a row a value: what changes in sight, the rest on demand. */
export const Diff = ({ rows, caption, titles = ['Now', 'Will be'] }: DiffProps) => {
  const [isWhole, setWhole] = useState(false);
  const unchanged = rows.filter((row) => !row.isChanged).length;
  const shown = isWhole ? rows : rows.filter((row) => row.isChanged);
  return (
    <div class="diff">
      {shown.length > 0 && (
        <table>
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">Value</th>
              <th scope="col">{titles[0]}</th>
              <th scope="col">{titles[1]}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ path, before, after, isChanged }) => (
              <tr key={path} class={isChanged ? 'changed' : ''}>
                <th scope="row">{path}</th>
                <td class={isChanged ? 'was' : ''}>{isChanged ? <del>{before}</del> : before}</td>
                <td class={isChanged ? 'will' : ''}>{isChanged ? <ins>{after}</ins> : after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length === 0 && <p class="soft small">Nothing was read of it.</p>}
      {unchanged > 0 && (
        <button
          type="button"
          class="as-link small"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? 'Only what changes' : `${unchanged} more that stay as they are`}
        </button>
      )}
    </div>
  );
};
