import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/**
 * What is typed, beside the value that it means: `1.` is 1 for the value and `1.` for whoever types. It is told anew
 * when the value comes from elsewhere.
 */
export const useTyped = (value: unknown, show: (value: unknown) => string) => {
  const sent = useRef(value);
  const [text, setText] = useState(() => show(value));
  // Before the next letter comes: later it would be taken for a value from elsewhere.
  useLayoutEffect(() => {
    if (JSON.stringify(value) === JSON.stringify(sent.current)) return;
    sent.current = value;
    setText(show(value));
  });
  const type = (typed: string, means: unknown): void => {
    sent.current = means;
    setText(typed);
  };
  return [text, type] as const;
};
