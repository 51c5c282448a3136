import { useEffect, useState } from 'preact/hooks';
import { Button } from '../button.tsx';
import { arranged } from './arrange.ts';
import { useForm } from './context.ts';
import { faultsAt, faultsBeside, faultText } from './faults.ts';
import { fieldOf, labelOf, type Member } from './field.ts';
import { Marked, RequiredMark } from './labelled.tsx';
import type { NodeProps } from './node-props.ts';
import { type Fields, isFields, type JsonSchema, type RootSchema, resolved } from './schema.ts';
import { startOf, withMember } from './value.ts';

type MembersProps = Pick<NodeProps, 'path' | 'value' | 'onChange' | 'faults'> & {
  readonly members: readonly Member[];
};

/** From so many characters on a text has a line of its own: addresses, expressions. */
const wideText = 300;

/** What is short stands beside others; what is long takes the whole width. */
const isWide = (schema: JsonSchema, root: RootSchema): boolean => {
  const field = fieldOf(schema, root);
  if (field.kind !== 'text') return !['choice', 'toggle', 'instant'].includes(field.kind);
  return field.isLong || field.forms.some(({ maxLength = 0 }) => maxLength >= wideText);
};

const isConstant = (schema: JsonSchema, root: RootSchema): boolean =>
  resolved(schema, root).const !== undefined;

/** The members of an object: the most used ones, then the others under «More». */
export const Members = ({ members, path, value, onChange, faults }: MembersProps) => {
  const { root, order, left, Node } = useForm();
  const fields: Fields = isFields(value) ? value : {};
  // What can be nothing else is sent and not asked.
  const asked = members.filter(({ schema }) => !isConstant(schema, root));
  const { first, more } = arranged(asked, path, { order, left });
  const names = first.concat(more).map(({ name }) => name);
  const beside = faultsBeside(faults, names);
  const moreNames = more.map(({ name }) => name);
  const isWrongInMore = faults.length > faultsBeside(faults, moreNames).length;
  const [isOpen, setOpen] = useState(isWrongInMore);
  useEffect(() => {
    if (isWrongInMore) setOpen(true);
  }, [isWrongInMore]);
  const shown = (all: readonly Member[]) => (
    <div class="schema-members">
      {all.map(({ name, schema, isRequired }) => (
        <div key={name} class={isWide(schema, root) ? 'schema-member wide' : 'schema-member'}>
          <Node
            schema={schema}
            path={path ? `${path}.${name}` : name}
            label={labelOf(name)}
            value={fields[name]}
            onChange={(next) => onChange(withMember(fields, name, next))}
            faults={faultsAt(faults, name)}
            isRequired={isRequired}
          />
        </div>
      ))}
    </div>
  );
  return (
    <>
      {beside.length > 0 && (
        <p class="fault" role="alert">
          {faultText(beside)}
        </p>
      )}
      {shown(first)}
      {more.length > 0 && (
        <details class="schema-more" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>
            More <span class="soft small">{moreNames.map(labelOf).join(', ').toLowerCase()}</span>
          </summary>
          {isOpen && shown(more)}
        </details>
      )}
    </>
  );
};

type GroupProps = NodeProps & { readonly members: readonly Member[] };

/** An object inside the form; an optional one is not there until somebody adds it. */
export const GroupNode = ({ members, ...node }: GroupProps) => {
  const { root } = useForm();
  const schema = resolved(node.schema, root);
  const { path, value, onChange, faults } = node;
  const isOptional = !node.isRequired && schema.default === undefined;
  // An object without a single field to fill in is nothing to show.
  if (members.length === 0 && faults.length === 0) return null;
  if (node.isBare)
    return (
      <div class="schema-inner">
        <Members members={members} path={path} value={value} onChange={onChange} faults={faults} />
      </div>
    );
  if (isOptional && value === undefined) {
    return (
      <div class="field schema-absent">
        <Button onClick={() => onChange(startOf(node.schema, root))}>+ {node.label}</Button>
        {schema.description && (
          <p class="hint">
            <Marked text={schema.description} />
          </p>
        )}
        {faults.length > 0 && <p class="fault">{faultText(faults)}</p>}
      </div>
    );
  }
  return (
    <details class="schema-group" open>
      <summary>
        {node.label}
        {node.isRequired && <RequiredMark />}
      </summary>
      {schema.description && (
        <p class="hint">
          <Marked text={schema.description} />
        </p>
      )}
      <Members members={members} path={path} value={value} onChange={onChange} faults={faults} />
      {isOptional && (
        <div>
          <Button aria-label={`Leave it out: ${node.label}`} onClick={() => onChange(undefined)}>
            Leave it out
          </Button>
        </div>
      )}
    </details>
  );
};
