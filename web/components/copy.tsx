import { useState } from 'preact/hooks';
import { Button } from './button.tsx';

/** Copies a text; says for a moment that it did, or that the browser would not. */
export const Copy = ({
  text,
  children = 'Copy',
}: {
  readonly text: string | (() => string);
  readonly children?: string;
}) => {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setSaid('Copied');
    } catch {
      setSaid('The browser refused');
    }
    setTimeout(() => setSaid(''), 1500);
  };
  return (
    <Button onClick={() => void copy()}>
      <span aria-live="polite">{said || children}</span>
    </Button>
  );
};
