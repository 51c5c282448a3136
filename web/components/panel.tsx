import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import './panel.css';

type PanelProps = {
  readonly title?: ComponentChildren;
  /** Beside the title, at its end. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
};

export const Panel = ({ title, actions, children }: PanelProps) => (
  <section class="panel">
    {(title || actions) && (
      <header class="row">
        {title && <h2>{title}</h2>}
        {actions && <div class="row push">{actions}</div>}
      </header>
    )}
    {children}
  </section>
);

type PageHeadProps = {
  readonly title: ComponentChildren;
  /** Under the title: what this is, how it stands. */
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
};

/** The head of each page: its one h1, which names the browser's tab and its history too. */
export const PageHead = ({ title, children, actions }: PageHeadProps) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${heading.current?.textContent} · Homeostat`;
  }, [title]);
  return (
    <header class="page-head">
      <div class="row">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {actions && <div class="row push">{actions}</div>}
      </div>
      {children && <div class="row soft">{children}</div>}
    </header>
  );
};

type Fact = readonly [name: string, value: ComponentChildren];

/** Names and values; those without a value are left out. */
export const Facts = ({ facts }: { readonly facts: readonly (Fact | false | undefined)[] }) => (
  <dl class="facts">
    {facts
      .filter((fact): fact is Fact => Array.isArray(fact) && fact[1] !== undefined && fact[1] !== null)
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);
