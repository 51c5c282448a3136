import './tabs.css';

type TabsProps<Name extends string> = {
  readonly label: string;
  readonly tabs: readonly {
    readonly name: Name;
    readonly title: string;
    readonly count?: number | undefined;
  }[];
  readonly chosen: Name;
  onChoose(name: Name): void;
};

/** Choosing one of a few: buttons that say which is pressed, in a row that scrolls on a phone. */
export const Tabs = <Name extends string>({ label, tabs, chosen, onChoose }: TabsProps<Name>) => (
  <fieldset class="tabs" aria-label={label}>
    {tabs.map(({ name, title, count }) => (
      <button key={name} type="button" aria-pressed={name === chosen} onClick={() => onChoose(name)}>
        {title}
        {count !== undefined && <span class="count">{count}</span>}
      </button>
    ))}
  </fieldset>
);
