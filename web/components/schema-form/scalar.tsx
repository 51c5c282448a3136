import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';
import { TimeZone } from '../time.tsx';
import { instantAt, wallTime } from '../wall-time.ts';
import { useForm } from './context.ts';
import { faultText } from './faults.ts';
import type { Option } from './field.ts';
import { Labelled } from './labelled.tsx';
import type { NodeProps } from './node-props.ts';
import { type JsonSchema, resolved } from './schema.ts';
import { meaningOf, placeholderOf, rangeText, textOf } from './text.ts';

const hintOf = (schema: JsonSchema, forms: readonly JsonSchema[], value: unknown): string | undefined => {
  // What the API does not show again.
  if (value === '[hidden]') return 'It is kept as it is; type another to replace it.';
  const range = forms.map(rangeText).find(Boolean);
  return (
    [schema.description, range && forms.length === 1 && `${range}.`].filter(Boolean).join(' ') || undefined
  );
};

/**
 * What is typed, beside the value that it means: `1.` is 1 for the value and `1.` for whoever types. It is told anew
 * when the value comes from elsewhere.
 */
const useTyped = (value: unknown, show: (value: unknown) => string) => {
  const sent = useRef(value);
  const [text, setText] = useState(() => show(value));
  useEffect(() => {
    if (JSON.stringify(value) === JSON.stringify(sent.current)) return;
    sent.current = value;
    setText(show(value));
  });
  const type = (typed: string, means: unknown): void => {
    sent.current = means;
    setText(typed);
  };
  return [text, type] as const;
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
      fault={faultText(node.faults)}
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

/** One of a few. Without a default, what is not required may be left out. */
export const ChoiceNode = ({ options, ...node }: NodeProps & { readonly options: readonly Option[] }) => {
  const { root, fixed } = useForm();
  const schema = resolved(node.schema, root);
  const shown = node.value ?? schema.default;
  const labelOfValue = shown === undefined ? '' : String(shown);
  const isKnown = options.some(({ label }) => label === labelOfValue);
  return (
    <Labelled
      label={node.label}
      hint={schema.description}
      fault={faultText(node.faults)}
      isRequired={node.isRequired}
      isBare={node.isBare ?? false}
    >
      {(said) => (
        <select
          {...said}
          value={labelOfValue}
          disabled={fixed.includes(node.path)}
          onChange={(event) =>
            node.onChange(options.find(({ label }) => label === event.currentTarget.value)?.value)
          }
        >
          {(schema.default === undefined || !isKnown) && (
            <option value="">{node.isRequired ? 'Choose …' : 'as usual'}</option>
          )}
          {options.map(({ label }) => (
            <option key={label} value={label}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
};

const yesOrNo: readonly Option[] = [
  { value: true, label: 'yes' },
  { value: false, label: 'no' },
];

/** A box where it is known what it is when left out; else a choice that can be left out. */
export const ToggleNode = (node: NodeProps) => {
  const { root, fixed } = useForm();
  const id = useId();
  const schema = resolved(node.schema, root);
  if (typeof schema.default !== 'boolean') return <YesOrNo {...node} />;
  const fault = faultText(node.faults);
  return (
    <div class="field toggle">
      <input
        type="checkbox"
        id={id}
        checked={(node.value ?? schema.default) === true}
        disabled={fixed.includes(node.path)}
        aria-describedby={schema.description || fault ? `${id}-hint` : undefined}
        onChange={(event) => node.onChange(event.currentTarget.checked)}
      />
      <label for={id}>{node.label}</label>
      {(schema.description || fault) && (
        <p class={fault ? 'hint fault' : 'hint'} id={`${id}-hint`}>
          {fault ?? schema.description}
        </p>
      )}
    </div>
  );
};

const YesOrNo = (node: NodeProps) => {
  const { root, fixed } = useForm();
  const given = node.value === true ? 'yes' : node.value === false ? 'no' : '';
  return (
    <Labelled
      label={node.label}
      hint={resolved(node.schema, root).description}
      fault={faultText(node.faults)}
      isRequired={node.isRequired}
      isBare={node.isBare ?? false}
    >
      {(said) => (
        <select
          {...said}
          value={given}
          disabled={fixed.includes(node.path)}
          onChange={(event) =>
            node.onChange(yesOrNo.find(({ label }) => label === event.currentTarget.value)?.value)
          }
        >
          <option value="">as usual</option>
          <option value="yes">yes</option>
          <option value="no">no</option>
        </select>
      )}
    </Labelled>
  );
};

const parsed = (text: string): { readonly value: unknown; readonly wrong?: string } => {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return {
      value: text,
      wrong: `This is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
};

/** What no field is made for. A text that is no JSON is sent as it is, and refused. */
export const JsonNode = (node: NodeProps) => {
  const { root, fixed } = useForm();
  const [text, type] = useTyped(node.value, (value) =>
    value === undefined ? '' : JSON.stringify(value, null, 2),
  );
  const { wrong } = parsed(text);
  const take = (typed: string): void => {
    const { value } = parsed(typed);
    type(typed, value);
    node.onChange(value);
  };
  return (
    <Labelled
      label={node.label}
      hint={[resolved(node.schema, root).description, 'As JSON.'].filter(Boolean).join(' ')}
      fault={wrong ?? faultText(node.faults)}
      isRequired={node.isRequired}
      isBare={node.isBare ?? false}
    >
      {(said) => (
        <textarea
          {...said}
          class="mono"
          rows={4}
          spellcheck={false}
          value={text}
          readOnly={fixed.includes(node.path)}
          onInput={(event) => take(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
};
