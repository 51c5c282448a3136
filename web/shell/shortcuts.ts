import { useEffect } from 'preact/hooks';
import { pages } from '../pages/index.ts';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));

/** How long after `g` the second letter is waited for. */
const patienceMs = 1500;

/** `g` and a page's letter go there, `/` goes to the filter of the list, `?` shows all of this. */
export const useShortcuts = (showHelp: () => void): void => {
  useEffect(() => {
    let leaderAt = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      if (event.key === '/') {
        const field = document.querySelector<HTMLElement>('[data-shortcut="/"]');
        if (!field) return;
        event.preventDefault();
        field.focus();
      } else if (event.key === '?') showHelp();
      else if (event.key === 'g') leaderAt = event.timeStamp;
      else if (event.timeStamp - leaderAt < patienceMs) {
        const page = pages.find(({ key }) => key === event.key);
        if (page) window.location.hash = page.home;
        leaderAt = Number.NEGATIVE_INFINITY;
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [showHelp]);
};
