import {
  defaultRangeExtractor,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
} from '@tanstack/virtual-core';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

type Wanted = {
  readonly count: number;
  /** Pixels; each row is measured once it is shown. */
  readonly estimateHeight: number;
  keyOf(index: number): string;
};

/** A row that the focus lies in stays, however far it is scrolled away: else the keyboard would lose its place. */
const withKept =
  (kept: number | undefined, count: number) =>
  (range: Parameters<typeof defaultRangeExtractor>[0]): number[] => {
    const shown = defaultRangeExtractor(range);
    if (kept === undefined || kept >= count || shown.includes(kept)) return shown;
    return [...shown, kept].sort((left, right) => left - right);
  };

/** Which of many rows lie in sight of the window, and where: give `box` to the element that holds them. */
export const useVirtualRows = ({ count, estimateHeight, keyOf }: Wanted) => {
  const box = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const [focused, setFocused] = useState<number>();
  const [, rerender] = useReducer((times: number) => times + 1, 0);
  const options = {
    count,
    getScrollElement: () => window,
    estimateSize: () => estimateHeight,
    getItemKey: keyOf,
    overscan: 8,
    scrollMargin: margin,
    // The bar of the frame lies over the top of the window.
    scrollPaddingStart: 64,
    scrollPaddingEnd: 16,
    initialOffset: () => window.scrollY,
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    rangeExtractor: withKept(focused, count),
    onChange: () => rerender(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<Window, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  // What lies above the rows grows and shrinks: filters that wrap, notes that come and go.
  useLayoutEffect(() => {
    const measure = (): void => {
      if (box.current) setMargin(Math.round(box.current.getBoundingClientRect().top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  return {
    box,
    virtualizer,
    rows: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    margin,
    setFocused,
  };
};
