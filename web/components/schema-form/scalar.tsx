import { useContext, useId } from 'preact/hooks';
import { TimeZone } from '../time.tsx';
import { instantAt, wallTime } from '../wall-time.ts';
import { useForm } from './context.ts';
import { faultText } from './faults.ts';
import { Labelled } from './labelled.tsx';
import type { NodeProps } from './node-props.ts';
import { type JsonSchema, resolved } from './schema.ts';
import { meaningOf, placeholderOf, rangeText, textOf } from './text.ts';
import { useTyped } from './use-typed.ts';

const hintOf = (schema: JsonSchema, forms: readonly JsonSchema[], value: unknown): string | undefined => {
  // What the API does not show again.
  if (value === '[hidden]') return 'It is kept as it is; type another to replace it.';
  const range = forms.map(rangeText).find(Boolean);
  return (
    [schema.description, range && forms.length === 1 && `${range}.`].filter(Boolean).join(' ') || undefined
  );
};

/** Texts and numbers, and what may be either, such as `30s` or 30. */
export const TextNode = ({
  forms,
  isLong,
  ...node
}: NodeProps & { readonly forms: readonly JsonSchema[]; readonly isLong: boolean }) => {
  const { root, fixed, suggestions } = useForm();
  const listId = useId();
  const schema = resolved(node.schema, root);
  const [text, type] = useTyped(node.value, (value) => textOf(value, forms));
  const take = (typed: string): void => {
    const means = meaningOf(typed, forms);
    type(typed, means);
    node.onChange(means);
  };
  const offered = suggestions[node.path] ?? [];
  const isNumber = forms.every(({ type: of }) => of === 'number' || of === 'integer');
  const shared = {
    value: text,
    placeholder: placeholderOf(schema),
    spellcheck: false,
    readOnly: fixed.includes(node.path),
    onInput: (event: { currentTarget: { value: string } }) => take(event.currentTarget.value),
  };
  return (
    <Labelled
      label={node.label}
      hint={hintOf(schema, forms, node.value)}
      fault={faultText(node.faults)}
      isRequired={node.isRequired}
      isBare={node.isBare ?? false}
    >
      {(said) =>
        isLong && !node.isBare ? (
          <textarea {...said} {...shared} rows={3} class="mono" />
        ) : (
          <>
            <input
              {...said}
              {...shared}
              autocomplete="off"
              inputMode={isNumber ? 'decimal' : 'text'}
              list={offered.length > 0 ? listId : undefined}
            />
            {offered.length > 0 && (
              <datalist id={listId}>
                {offered.map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
            )}
          </>
        )
      }
    </Labelled>
  );
};

/** An instant, as a clock in the reader's zone shows it. */
export const InstantNode = (node: NodeProps) => {
  const { root, fixed } = useForm();
  const timeZone = useContext(TimeZone);
  const at = typeof node.value === 'string' ? Date.parse(node.value) : Number.NaN;
  const take = (wall: string): void => {
    const instant = instantAt(wall, timeZone);
    node.onChange(instant === undefined ? undefined : new Date(instant).toISOString());
  };
  return (
    <Labelled
      label={node.label}
      hint={resolved(node.schema, root).description ?? `In ${timeZone ?? 'your time zone'}.`}
      // How the API wants an instant written is nothing to whoever picks one.
      fault={
        node.faults.length > 0 && node.value === undefined
          ? 'Choose a date and a time.'
          : faultText(node.faults)
      }
      isRequired={node.isRequired}
      isBare={node.isBare ?? false}
    >
      {(said) => (
        <input
          {...said}
          type="datetime-local"
          value={Number.isNaN(at) ? '' : wallTime(at, timeZone)}
          readOnly={fixed.includes(node.path)}
          onInput={(event) => take(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
};
