import type { ComponentChildren } from 'preact';
import './table.css';

type Column = { readonly title: string; readonly isUnseen?: boolean };
type TableProps = {
  /** What the table holds, for those who hear it. */
  readonly caption: string;
  readonly columns: readonly (Column | string)[];
  /** `<tr>` elements. */
  readonly children: ComponentChildren;
};

/** A plain table for tens of rows; it scrolls sideways by itself, the page never does. */
export const Table = ({ caption, columns, children }: TableProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
  <section class="table-scroll" aria-label={caption} tabIndex={0}>
    <table class="table">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => {
            const { title, isUnseen = false } = typeof column === 'string' ? { title: column } : column;
            return (
              <th key={title} scope="col">
                <span class={isUnseen ? 'unseen' : undefined}>{title}</span>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </section>
);
