import { useEffect, useRef, useState } from 'preact/hooks';
import { ConfirmDialog } from './dialog.tsx';

const pathOf = (hash: string): string => hash.replace(/^#/, '').split('?')[0] ?? '';

/**
 * Asks before a page with something unsaved is left: by a link, the keyboard, Back, or by closing the tab. Show `question`;
 * `pass` leaves without asking, for after it was saved.
 */
export const useLeaveGuard = (isUnsaved: boolean) => {
  const isHeld = useRef(isUnsaved);
  isHeld.current = isUnsaved;
  const isPassing = useRef(false);
  const here = useRef(window.location.hash);
  const [wanted, setWanted] = useState<string>();
  useEffect(() => {
    const onHash = (event: Event): void => {
      const next = window.location.hash;
      const isElsewhere = pathOf(next) !== pathOf(here.current);
      if (!isElsewhere || !isHeld.current || isPassing.current) {
        here.current = next;
        return;
      }
      // The address is the page's again before anybody reads it: the page stays until somebody says so.
      event.stopImmediatePropagation();
      window.history.replaceState(null, '', here.current);
      setWanted(next);
    };
    const onUnload = (event: BeforeUnloadEvent): void => {
      if (isHeld.current && !isPassing.current) event.preventDefault();
    };
    // Whatever is drawn between the two events would already show the other page: the first one is held, too.
    window.addEventListener('popstate', onHash, { capture: true });
    window.addEventListener('hashchange', onHash, { capture: true });
    window.addEventListener('beforeunload', onUnload);
    return () => {
      window.removeEventListener('popstate', onHash, { capture: true });
      window.removeEventListener('hashchange', onHash, { capture: true });
      window.removeEventListener('beforeunload', onUnload);
    };
  }, []);
  const pass = (hash: string): void => {
    isPassing.current = true;
    window.location.hash = hash;
  };
  const question = wanted !== undefined && (
    <ConfirmDialog
      title="Leave without saving?"
      confirm="Leave"
      isDangerous
      onConfirm={() => pass(wanted)}
      onClose={() => setWanted(undefined)}
    >
      <p>What was changed here is not saved and will be lost.</p>
    </ConfirmDialog>
  );
  return { question, pass };
};
