import { useId, useRef, useState } from 'preact/hooks';
import { Button } from '../button.tsx';
import { Box } from './box.tsx';
import { useForm } from './context.ts';
import { faultsAt, faultsBeside, faultText } from './faults.ts';
import { type Field, fieldOf, labelOf } from './field.ts';
import { Members } from './group.tsx';
import { Labelled, Marked } from './labelled.tsx';
import type { NodeProps } from './node-props.ts';
import { resolved } from './schema.ts';
import { ofWay, switched, wayOf } from './value.ts';

type Either = Extract<Field, { kind: 'either' }>;

/** One of several forms: which one is chosen, and that one filled in. What another was given is kept for its return. */
export const EitherNode = ({ field, ...node }: NodeProps & { readonly field: Either }) => {
  const { root, fixed, Node } = useForm();
  const id = useId();
  const { path, value, onChange, faults } = node;
  const chosen = wayOf(value, field, root);
  // A way that was chosen and not filled in yet cannot be told from the value.
  const [wanted, setWanted] = useState<number>();
  const at = value === undefined && wanted !== undefined ? wanted : chosen;
  const before = useRef(new Map<number, unknown>());
  const way = field.ways[at];
  const schema = resolved(node.schema, root);
  const choose = (next: number): void => {
    const to = field.ways[next];
    if (!to || next === at) return;
    before.current.set(at, value);
    setWanted(next);
    onChange(switched(value, way, to, { before: before.current.get(next), root }));
  };
  if (!way) return null;
  const isOptional = !node.isRequired && schema.default === undefined && path !== '';
  const inside = fieldOf(way.schema, root);
  // A way that can be one value only is that value: chosen by choosing the way, and nothing to fill in.
  const isConstant = inside.kind === 'choice' && inside.options.length === 1;
  const isSimple = ['text', 'choice', 'instant'].includes(inside.kind) && !isConstant;
  if (isOptional && value === undefined && wanted === undefined && !isSimple) {
    return (
      <div class="field schema-absent">
        <Button onClick={() => onChange(switched(undefined, undefined, way, { root }))}>
          + {node.label}
        </Button>
        {schema.description && (
          <p class="hint">
            <Marked text={schema.description} />
          </p>
        )}
        {faults.length > 0 && <p class="fault">{faultText(faults)}</p>}
      </div>
    );
  }
  const discriminatorPath =
    path && field.discriminator ? `${path}.${field.discriminator}` : field.discriminator;
  const label = field.discriminator ? labelOf(field.discriminator) : `Form of ${node.label}`;
  const chooser = (
    <Labelled
      label={label}
      fault={field.discriminator ? faultText(faultsAt(faults, field.discriminator)) : undefined}
      isRequired={field.discriminator !== undefined}
      isBare={field.discriminator === undefined}
    >
      {(said) => (
        <select
          {...said}
          value={String(at)}
          disabled={fixed.includes(discriminatorPath ?? path)}
          onChange={(event) => choose(Number(event.currentTarget.value))}
        >
          {field.ways.map((one, no) => (
            <option key={one.label} value={String(no)}>
              {one.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
  const others = field.discriminator ? faultsBeside(faults, [field.discriminator]) : faults;
  const filled = isConstant ? (
    others.length > 0 && <p class="fault">{faultText(others)}</p>
  ) : inside.kind === 'group' ? (
    <Members
      key={way.label}
      members={inside.members}
      path={path}
      value={value}
      onChange={(next) => onChange(ofWay(next, way, field.discriminator))}
      faults={others}
    />
  ) : (
    <Node
      key={way.label}
      schema={way.schema}
      path={path}
      label={node.label}
      value={value}
      onChange={onChange}
      faults={others}
      isRequired={node.isRequired}
      isBare
    />
  );
  // The form itself, and rows of a list, have their heading already.
  if (path === '' || node.isBare) {
    return (
      <div class="schema-either" id={id}>
        {chooser}
        {filled}
      </div>
    );
  }
  return (
    <Box node={node} hint={schema.description} fault={undefined}>
      <div class={isSimple ? 'schema-either beside' : 'schema-either'}>
        {chooser}
        {filled}
      </div>
      {isOptional && value !== undefined && !isSimple && (
        <div>
          <Button
            aria-label={`Leave it out: ${node.label}`}
            onClick={() => {
              setWanted(undefined);
              onChange(undefined);
            }}
          >
            Leave it out
          </Button>
        </div>
      )}
    </Box>
  );
};
