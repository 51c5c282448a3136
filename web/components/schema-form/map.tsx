import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../button.tsx';
import { Box } from './box.tsx';
import { useForm } from './context.ts';
import { faultsAt, faultsBeside, faultText } from './faults.ts';
import { useFocusLater } from './focus-later.ts';
import { newKey } from './keys.ts';
import type { NodeProps } from './node-props.ts';
import { isFields, type JsonSchema, resolved } from './schema.ts';
import { startOf } from './value.ts';

type Row = { readonly key: number; readonly name: string; readonly value: unknown };

const rowsOf = (value: unknown): Row[] =>
  isFields(value) ? Object.entries(value).map(([name, held]) => ({ key: newKey(), name, value: held })) : [];
const mapOf = (rows: readonly Row[]): Record<string, unknown> =>
  Object.fromEntries(rows.filter(({ name }) => name !== '').map(({ name, value }) => [name, value ?? '']));

const isEmptyObject = (value: unknown): boolean => isFields(value) && Object.keys(value).length === 0;

/** Rows are kept beside the value: a name that is being typed may be empty or be there twice. */
const useRows = (value: unknown, onChange: (value: unknown) => void) => {
  const [rows, setRows] = useState(() => rowsOf(value));
  const sent = useRef(JSON.stringify(value ?? {}));
  // Before the next letter comes: later it would be taken for a value from elsewhere.
  useLayoutEffect(() => {
    const now = JSON.stringify(value ?? {});
    if (now === sent.current) return;
    sent.current = now;
    setRows(rowsOf(value));
  });
  const take = (next: readonly Row[]): void => {
    const map = mapOf(next);
    sent.current = JSON.stringify(map);
    setRows([...next]);
    onChange(Object.keys(map).length > 0 ? map : undefined);
  };
  return [rows, take] as const;
};

/** Values under names of one's own: tags, headers. A row without a name is not sent. */
export const MapNode = ({ item, ...node }: NodeProps & { readonly item: JsonSchema }) => {
  const { root, fixed, Node } = useForm();
  const box = useRef<HTMLDivElement>(null);
  const [rows, take] = useRows(node.value, node.onChange);
  const isFixed = fixed.includes(node.path);
  const focusLater = useFocusLater(box);
  const add = (): void => {
    const key = newKey();
    take([...rows, { key, name: '', value: startOf(item, root) }]);
    focusLater(`[data-row="${key}"] input`);
  };
  const change = (row: Row, part: Partial<Row>): void =>
    take(rows.map((one) => (one.key === row.key ? { ...one, ...part } : one)));
  const remove = (row: Row): void => {
    take(rows.filter((one) => one.key !== row.key));
    focusLater('[data-add]');
  };
  const names = rows.map(({ name }) => name);
  const isTwice = ({ name }: Row): boolean => name !== '' && names.filter((one) => one === name).length > 1;
  // What has no name cannot be sent: said as soon as something would be lost.
  const isNameless = ({ name, value }: Row): boolean =>
    name === '' && (node.faults.length > 0 || (value !== undefined && value !== '' && !isEmptyObject(value)));
  return (
    <Box
      node={node}
      hint={resolved(node.schema, root).description}
      fault={faultText(faultsBeside(node.faults, names.filter(Boolean)))}
    >
      <div class="schema-rows" ref={box}>
        {rows.map((row) => (
          <div key={row.key} data-row={row.key} class="schema-row of-names">
            <div class="field">
              <input
                aria-label={`Name in ${node.label}`}
                placeholder="name"
                autocomplete="off"
                spellcheck={false}
                value={row.name}
                readOnly={isFixed}
                aria-invalid={isTwice(row) || isNameless(row)}
                onInput={(event) => change(row, { name: event.currentTarget.value })}
              />
              {isNameless(row) && <p class="fault">Give it a name; without one it is left out.</p>}
              {isTwice(row) && <p class="fault">This name is there twice: the last one counts.</p>}
            </div>
            <Node
              schema={item}
              path={node.path}
              label={`Value of ${row.name || 'the new name'}`}
              value={row.value === '' ? undefined : row.value}
              onChange={(value) => change(row, { value })}
              faults={row.name ? faultsAt(node.faults, row.name) : []}
              isRequired
              isBare
            />
            <Button
              aria-label={`Remove ${row.name || 'the new name'} from ${node.label}`}
              disabled={isFixed}
              onClick={() => remove(row)}
            >
              ✕
            </Button>
          </div>
        ))}
        {!isFixed && (
          <Button data-add onClick={add} aria-label={`Add to ${node.label}`}>
            + Add
          </Button>
        )}
      </div>
    </Box>
  );
};
