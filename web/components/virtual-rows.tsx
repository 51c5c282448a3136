import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useVirtualRows } from './use-virtual-rows.ts';
import './virtual-rows.css';

export type VirtualColumn = {
  readonly title: string;
  readonly isUnseen?: boolean;
  /** How the rows are sorted by it now; undefined: not. */
  readonly sorted?: 'ascending' | 'descending' | undefined;
  onSort?(): void;
};

type VirtualRowsProps<R> = {
  /** What the rows are, for those who hear it. */
  readonly caption: string;
  /** The page's class: it sets `grid-template-columns` on `.virtual-row`, and how a row is a card on a phone. */
  readonly look: string;
  readonly columns: readonly VirtualColumn[];
  readonly rows: readonly R[];
  keyOf(row: R): string;
  /** One a column. The same function as long as it would draw the same: rows that did not change are not drawn anew. */
  cells(row: R): readonly ComponentChildren[];
  /** Pixels, of a row as it mostly is; each is measured once it is shown. */
  readonly estimateHeight: number;
  /** Told the rows in sight, and a few around them, whenever they are others. */
  onSeen?(rows: readonly R[]): void;
};

type RowProps<R> = {
  readonly row: R;
  cells(row: R): readonly ComponentChildren[];
};

const Cells = <R,>({ row, cells }: RowProps<R>) =>
  useMemo(
    () => (
      <>
        {cells(row).map((cell, no) => (
          // biome-ignore lint/a11y/useSemanticElements: a row becomes a card on a phone, where table elements lose what they are
          <div role="cell" key={no} class={`virtual-cell cell-${no}`}>
            {cell}
          </div>
        ))}
      </>
    ),
    [row, cells],
  );

const Heads = ({ columns }: { readonly columns: readonly VirtualColumn[] }) => (
  // biome-ignore lint/a11y/useSemanticElements: as the rows below
  // biome-ignore lint/a11y/useFocusableInteractive: a row of heads is no control
  <div role="row" class="virtual-row virtual-heads" aria-rowindex={1}>
    {columns.map(({ title, isUnseen, sorted, onSort }) => (
      // biome-ignore lint/a11y/useSemanticElements: as the rows below
      // biome-ignore lint/a11y/useFocusableInteractive: the button inside takes the focus
      <div role="columnheader" key={title} aria-sort={sorted}>
        {onSort ? (
          <button type="button" onClick={onSort}>
            {title}
            <span aria-hidden="true">{sorted ? (sorted === 'ascending' ? ' ↑' : ' ↓') : ''}</span>
          </button>
        ) : (
          <span class={isUnseen ? 'unseen' : undefined}>{title}</span>
        )}
      </div>
    ))}
  </div>
);

const stepOf = (key: string, from: number, last: number): number | undefined =>
  ({ ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: last })[key];

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(input|textarea|select)$/i.test(target.tagName);

/**
 * Thousands of rows on the scroll of the window: only those in sight are in the document. A table to those who hear it;
 * Tab goes through what is in the rows, the arrow keys, Home and End go from row to row.
 */
export const VirtualRows = <R,>(props: VirtualRowsProps<R>) => {
  const { caption, look, columns, rows, keyOf, cells, estimateHeight, onSeen } = props;
  const { box, virtualizer, height, margin, setFocused, ...shown } = useVirtualRows({
    count: rows.length,
    estimateHeight,
    keyOf: (index) => {
      const row = rows[index];
      return row === undefined ? String(index) : keyOf(row);
    },
  });
  const seen = shown.rows.flatMap(({ index }) => rows[index] ?? []);
  const seenKeys = seen.map(keyOf).join(' ');
  useEffect(() => onSeen?.(seen), [seenKeys, onSeen]);

  const wanted = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (wanted.current === undefined) return;
    const row = box.current?.querySelector(`[data-index="${wanted.current}"]`);
    if (!row) return;
    wanted.current = undefined;
    row.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true });
  });
  const indexOf = (target: EventTarget | null): number | undefined => {
    const at = target instanceof Element ? target.closest('[data-index]')?.getAttribute('data-index') : null;
    return at ? Number(at) : undefined;
  };
  const onKey = (event: KeyboardEvent): void => {
    const from = indexOf(event.target);
    if (from === undefined || isTyping(event.target) || event.altKey || event.ctrlKey || event.metaKey)
      return;
    const to = stepOf(event.key, from, rows.length - 1);
    if (to === undefined || to < 0 || to >= rows.length) return;
    event.preventDefault();
    wanted.current = to;
    setFocused(to);
    virtualizer.scrollToIndex(to, { align: 'auto' });
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a row becomes a card on a phone, where table elements lose what they are
    <div role="table" class={`virtual ${look}`} aria-label={caption} aria-rowcount={rows.length + 1}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div role="rowgroup">
        <Heads columns={columns} />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div
        role="rowgroup"
        class="virtual-box"
        ref={box}
        style={{ height: `${height}px` }}
        onKeyDown={onKey}
        onFocusCapture={(event) => setFocused(indexOf(event.target))}
        onBlurCapture={() => wanted.current === undefined && setFocused(undefined)}
      >
        {shown.rows.map(({ key, index, start }) => {
          const row = rows[index];
          return (
            row !== undefined && (
              // biome-ignore lint/a11y/useSemanticElements: as above
              // biome-ignore lint/a11y/useFocusableInteractive: what is inside takes the focus
              <div
                role="row"
                key={key}
                class="virtual-row"
                data-index={index}
                aria-rowindex={index + 2}
                ref={virtualizer.measureElement}
                style={{ transform: `translateY(${start - margin}px)` }}
              >
                <Cells row={row} cells={cells} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
};
