import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import '../field.css';
import './schema-form.css';

/** `…` in a description is code. */
export const Marked = ({ text }: { readonly text: string }) => (
  <>{text.split('`').map((part, no) => (no % 2 === 1 ? <code key={no}>{part}</code> : part))}</>
);

export const RequiredMark = () => (
  <span class="required" aria-hidden="true">
    {' '}
    *
  </span>
);

/** What the input inside must say of itself. */
export type Said = {
  readonly id: string;
  readonly 'aria-label': string | undefined;
  readonly 'aria-required': boolean | undefined;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string | undefined;
};

type LabelledProps = {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly isRequired: boolean;
  readonly isBare: boolean;
  children(said: Said): ComponentChildren;
};

/** Label, input, what is wrong with it, and what it is for. */
export const Labelled = ({ label, hint, fault, isRequired, isBare, children }: LabelledProps) => {
  const id = useId();
  const describedBy = [fault && `${id}-fault`, hint && !isBare && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div class="field">
      {!isBare && (
        <label for={id}>
          {label}
          {isRequired && <RequiredMark />}
        </label>
      )}
      {children({
        id,
        'aria-label': isBare ? label : undefined,
        'aria-required': isRequired || undefined,
        'aria-invalid': fault !== undefined,
        'aria-describedby': describedBy || undefined,
      })}
      {fault && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
      {hint && !isBare && (
        <p class="hint" id={`${id}-hint`}>
          <Marked text={hint} />
        </p>
      )}
    </div>
  );
};
