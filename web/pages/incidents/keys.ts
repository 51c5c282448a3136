import { useEffect, useRef } from 'preact/hooks';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));

/** After `g` the next letter chooses a page (see the shell), and is no letter of this one. */
const leaderMs = 1500;

/** Letters of this page alone, while nobody types and nothing is open above it. */
export const usePageKeys = (keys: Readonly<Record<string, (() => void) | undefined>>): void => {
  const newest = useRef(keys);
  newest.current = keys;
  useEffect(() => {
    let leaderAt = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      const isAfterLeader = event.timeStamp - leaderAt < leaderMs;
      leaderAt = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const work = Object.hasOwn(newest.current, event.key) ? newest.current[event.key] : undefined;
      if (!work || isAfterLeader) return;
      event.preventDefault();
      work();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
};
