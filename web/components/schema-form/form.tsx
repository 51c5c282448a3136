import { useMemo } from 'preact/hooks';
import { FormOf } from './context.ts';
import type { Fault } from './faults.ts';
import { Node } from './node.tsx';
import type { RootSchema } from './schema.ts';
import './schema-form.css';

export type SchemaFormProps = {
  /** Of the body, with its `components`: what `useOperationSchema` answers. The same object as long as it is the same. */
  readonly schema: RootSchema;
  /** The body as it is sent; what is not given is absent. */
  readonly value: unknown;
  onChange(value: unknown): void;
  /** What the API found wrong: each is shown at its field, and what fits none at the top. */
  readonly faults?: readonly Fault[] | undefined;
  /** The most used fields, in sight and in this order: paths with dots, such as `config.method`. */
  readonly order?: readonly string[];
  /** Shown, and not to be changed. */
  readonly fixed?: readonly string[];
  /** Not shown. */
  readonly left?: readonly string[];
  /** What texts may be chosen from, by path: names of channels, of checks. */
  readonly suggestions?: Readonly<Record<string, readonly string[]>>;
};

const none: readonly never[] = [];
const noSuggestions = {};

/** The fields of a body, made from its schema. It is no `<form>`: put it into one, beside your own buttons. */
export const SchemaForm = ({
  schema,
  value,
  onChange,
  faults = none,
  order = none,
  fixed = none,
  left = none,
  suggestions = noSuggestions,
}: SchemaFormProps) => {
  const context = useMemo(
    () => ({ root: schema, Node, order, fixed, left, suggestions }),
    [schema, order, fixed, left, suggestions],
  );
  return (
    <FormOf.Provider value={context}>
      <div class="schema-form">
        <Node
          schema={schema}
          path=""
          label=""
          value={value}
          onChange={onChange}
          faults={faults}
          isRequired
          isBare
        />
      </div>
    </FormOf.Provider>
  );
};
