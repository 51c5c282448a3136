import { useForm } from './context.ts';
import { faultText } from './faults.ts';
import { Labelled } from './labelled.tsx';
import type { NodeProps } from './node-props.ts';
import { resolved } from './schema.ts';
import { useTyped } from './use-typed.ts';

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
