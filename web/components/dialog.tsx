import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button.tsx';
import './dialog.css';

type DialogProps = {
  readonly title: string;
  readonly children: ComponentChildren;
  onClose(): void;
};

/** The browser's own modal dialog: it keeps the focus inside, Escape closes it, and the focus goes back. */
export const Dialog = ({ title, children, onClose }: DialogProps) => {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="row">
        <h2 id={heading}>{title}</h2>
        <span class="push">
          <Button onClick={onClose} aria-label="Close">
            ✕
          </Button>
        </span>
      </header>
      {children}
    </dialog>
  );
};

type ConfirmProps = DialogProps & {
  readonly confirm: string;
  readonly isDangerous?: boolean;
  readonly isBusy?: boolean;
  onConfirm(): void;
};

/** Asks before something is done; Enter in a field inside it confirms. */
export const ConfirmDialog = ({
  confirm,
  isDangerous,
  isBusy,
  onConfirm,
  children,
  ...dialog
}: ConfirmProps) => (
  <Dialog {...dialog}>
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onConfirm();
      }}
    >
      {children}
      <div class="row">
        <span class="push row">
          <Button onClick={dialog.onClose}>Cancel</Button>
          <Button type="submit" look={isDangerous ? 'danger' : 'primary'} isBusy={isBusy ?? false}>
            {confirm}
          </Button>
        </span>
      </div>
    </form>
  </Dialog>
);
