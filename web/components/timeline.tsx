import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Exact } from './time.tsx';
import './timeline.css';

export type TimelineTone = 'good' | 'warn' | 'bad' | 'calm' | 'plain';

export type TimelineItem = {
  readonly id: string;
  /** ISO 8601 */
  readonly at: string;
  /** One character, and its colour; the word says the same. */
  readonly shape: string;
  readonly tone: TimelineTone;
  readonly word: string;
  /** Who did it; left out where nobody did. */
  readonly by?: string | undefined;
  /** Sets it apart from the rest, as a word. */
  readonly badge?: string | undefined;
  readonly children: ComponentChildren;
};

type TimelineProps = {
  readonly label: string;
  /** In the order in which they are shown. */
  readonly items: readonly TimelineItem[];
  /** The first so many are shown; the others on demand. */
  readonly most?: number;
};

/** What happened, one below the other. */
export const Timeline = ({ label, items, most = 100 }: TimelineProps) => {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? items : items.slice(0, most);
  return (
    <>
      <ol class="timeline" aria-label={label}>
        {shown.map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </ol>
      {shown.length < items.length && (
        <button type="button" class="as-link small" onClick={() => setWhole(true)}>
          Show {items.length - shown.length} more
        </button>
      )}
    </>
  );
};

const Item = ({ item: { at, shape, tone, word, by, badge, children } }: { readonly item: TimelineItem }) => (
  <li class={`${tone} ${badge ? 'set-apart' : ''}`}>
    <span class="shape" aria-hidden="true">
      {shape}
    </span>
    <div class="told">
      <p class="head">
        <b>{word}</b>
        {badge && <span class="badge">{badge}</span>}
        {by && <span class="soft">{by}</span>}
        <span class="soft numbers when">
          <Exact at={at} />
        </span>
      </p>
      {children}
    </div>
  </li>
);
