import { useId } from 'preact/hooks';
import { Box } from './box.tsx';
import { useForm } from './context.ts';
import { faultText } from './faults.ts';
import type { Option } from './field.ts';
import type { NodeProps } from './node-props.ts';
import { resolved } from './schema.ts';

/** Any of a few. */
export const SeveralNode = ({ options, ...node }: NodeProps & { readonly options: readonly Option[] }) => {
  const { root, fixed } = useForm();
  const id = useId();
  const given: readonly unknown[] = Array.isArray(node.value) ? node.value : [];
  const take = (option: Option, isOn: boolean): void => {
    const chosen = options.filter((one) => (one === option ? isOn : given.includes(one.value)));
    node.onChange(chosen.length > 0 ? chosen.map(({ value }) => value) : undefined);
  };
  return (
    <Box node={node} hint={resolved(node.schema, root).description} fault={faultText(node.faults)}>
      <div class="row schema-several">
        {options.map((option) => (
          <label key={option.label} for={`${id}-${option.label}`}>
            <input
              type="checkbox"
              id={`${id}-${option.label}`}
              checked={given.includes(option.value)}
              disabled={fixed.includes(node.path)}
              onChange={(event) => take(option, event.currentTarget.checked)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </Box>
  );
};
