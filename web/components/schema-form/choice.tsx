import { useId } from 'preact/hooks';
import { useForm } from './context.ts';
import { faultText } from './faults.ts';
import type { Option } from './field.ts';
import { Labelled } from './labelled.tsx';
import type { NodeProps } from './node-props.ts';
import { resolved } from './schema.ts';

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
