import type { ComponentChildren, JSX } from 'preact';
import './button.css';

type Look = 'primary' | 'quiet' | 'danger';

type ButtonProps = Omit<JSX.HTMLAttributes<HTMLButtonElement>, 'class' | 'disabled'> & {
  readonly look?: Look;
  readonly type?: 'button' | 'submit';
  readonly disabled?: boolean;
  /** Work is under way: the button says so and cannot be pressed again. */
  readonly isBusy?: boolean;
  readonly children: ComponentChildren;
};

export const Button = ({
  look = 'quiet',
  type = 'button',
  isBusy,
  disabled,
  children,
  ...rest
}: ButtonProps) => (
  <button {...rest} type={type} class={`button ${look}`} disabled={isBusy || disabled} aria-busy={isBusy}>
    {children}
  </button>
);

type LinkProps = { readonly href: string; readonly look?: Look; readonly children: ComponentChildren };

/** A link that looks like a button: it leads somewhere, it changes nothing. */
export const ButtonLink = ({ href, look = 'quiet', children }: LinkProps) => (
  <a class={`button ${look}`} href={href}>
    {children}
  </a>
);
