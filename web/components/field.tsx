import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import './field.css';

type Wrap = {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with it, as the API said. */
  readonly fault?: string | undefined;
};

const Wrapped = ({
  label,
  hint,
  fault,
  id,
  children,
}: Wrap & { readonly id: string; readonly children: ComponentChildren }) => (
  <div class="field">
    <label for={id}>{label}</label>
    {children}
    {fault && (
      <p class="fault" id={`${id}-fault`}>
        {fault}
      </p>
    )}
    {hint && (
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
    )}
  </div>
);

const described = (id: string, { hint, fault }: Wrap) =>
  [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;

type TextProps = Wrap &
  Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'onInput' | 'label' | 'value'> & {
    readonly value: string;
    readonly lines?: number;
    onInput(value: string): void;
  };

/** One line, or several with `lines`. */
export const TextField = ({ label, hint, fault, value, lines, onInput, ...rest }: TextProps) => {
  const id = useId();
  const shared = {
    id,
    value,
    'aria-invalid': fault !== undefined,
    'aria-describedby': described(id, { label, hint, fault }),
  };
  return (
    <Wrapped label={label} hint={hint} fault={fault} id={id}>
      {lines ? (
        <textarea
          {...shared}
          rows={lines}
          required={rest.required}
          placeholder={rest.placeholder}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      ) : (
        <input {...rest} {...shared} onInput={(event) => onInput(event.currentTarget.value)} />
      )}
    </Wrapped>
  );
};

type Option = { readonly value: string; readonly label: string };
type SelectProps = Wrap & {
  readonly value: string;
  readonly options: readonly (Option | string)[];
  readonly disabled?: boolean;
  onChange(value: string): void;
};

export const SelectField = ({ label, hint, fault, value, options, disabled, onChange }: SelectProps) => {
  const id = useId();
  return (
    <Wrapped label={label} hint={hint} fault={fault} id={id}>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-describedby={described(id, { label, hint, fault })}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map((option) => {
          const { value: one, label: text } =
            typeof option === 'string' ? { value: option, label: option } : option;
          return (
            <option key={one} value={one}>
              {text}
            </option>
          );
        })}
      </select>
    </Wrapped>
  );
};

type ToggleProps = Omit<Wrap, 'fault'> & {
  readonly value: boolean;
  readonly disabled?: boolean;
  onChange(value: boolean): void;
};

export const Toggle = ({ label, hint, value, disabled, onChange }: ToggleProps) => {
  const id = useId();
  return (
    <div class="field toggle">
      <input
        type="checkbox"
        id={id}
        checked={value}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
};

type SearchProps = { readonly label: string; readonly value: string; onInput(value: string): void };

/** The filter of a list; `/` on the keyboard leads to it. */
export const SearchField = ({ label, value, onInput }: SearchProps) => (
  <input
    type="search"
    class="search"
    aria-label={label}
    placeholder={label}
    title="Press / to come here"
    data-shortcut="/"
    value={value}
    onInput={(event) => onInput(event.currentTarget.value)}
  />
);
