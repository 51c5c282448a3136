import { useRef, useState } from 'preact/hooks';
import { Button } from '../button.tsx';
import { Box } from './box.tsx';
import { useForm } from './context.ts';
import { faultsAt, faultsBeside, faultText } from './faults.ts';
import { fieldOf } from './field.ts';
import { useFocusLater } from './focus-later.ts';
import { newKey } from './keys.ts';
import type { NodeProps } from './node-props.ts';
import { type JsonSchema, resolved } from './schema.ts';
import { startOf } from './value.ts';

/** A key a row that stays with it when rows are moved or go. */
const useKeys = (count: number) => {
  const [keys, setKeys] = useState<readonly number[]>(() => Array.from({ length: count }, newKey));
  if (keys.length === count) return [keys, setKeys] as const;
  // Rows came from elsewhere: those that stay keep their keys.
  const fitting = Array.from({ length: count }, (_, at) => keys[at] ?? newKey());
  setKeys(fitting);
  return [fitting, setKeys] as const;
};

const moved = <T,>(rows: readonly T[], from: number, to: number): T[] => {
  const row = rows[from];
  const others = rows.filter((_, at) => at !== from);
  return row === undefined ? [...rows] : [...others.slice(0, to), row, ...others.slice(to)];
};

type ListProps = NodeProps & { readonly item: JsonSchema; readonly least: number; readonly most: number };

/** Items of any kind, in an order that counts. */
export const ListNode = ({ item, least, most, ...node }: ListProps) => {
  const { root, fixed, Node } = useForm();
  const box = useRef<HTMLDivElement>(null);
  const given: readonly unknown[] = Array.isArray(node.value) ? node.value : [];
  const [keys, setKeys] = useKeys(given.length);
  const isFixed = fixed.includes(node.path);
  const isText = fieldOf(item, root).kind === 'text';
  const take = (items: readonly unknown[], itemKeys: readonly number[]): void => {
    setKeys(itemKeys);
    node.onChange(items.length > 0 || node.isRequired ? items : undefined);
  };
  const focusLater = useFocusLater(box);
  const add = (): void => {
    const key = newKey();
    take([...given, startOf(item, root) ?? ''], [...keys, key]);
    focusLater(`[data-row="${key}"] :is(input, select, textarea)`);
  };
  const move = (from: number, to: number): void => {
    take(moved(given, from, to), moved(keys, from, to));
    // A button that can go no further loses the focus: then the other one of the row takes it.
    const row = `[data-row="${keys[from]}"]`;
    focusLater(
      `${row} [data-move="${to < from ? 'up' : 'down'}"]:not(:disabled), ${row} [data-move]:not(:disabled)`,
    );
  };
  const remove = (at: number): void => {
    take(
      given.filter((_, no) => no !== at),
      keys.filter((_, no) => no !== at),
    );
    focusLater('[data-add]');
  };
  const own = faultsBeside(node.faults, [...given.keys()]);
  return (
    <Box node={node} hint={resolved(node.schema, root).description} fault={faultText(own)}>
      <div class="schema-rows" ref={box}>
        {given.map((value, at) => (
          <div key={keys[at]} data-row={keys[at]} class={isText ? 'schema-row' : 'schema-row of-many'}>
            <Node
              schema={item}
              path={node.path}
              label={`${node.label} ${at + 1}`}
              value={value === '' ? undefined : value}
              onChange={(next) => take(given.with(at, next ?? ''), keys)}
              faults={faultsAt(node.faults, at)}
              isRequired
              isBare
            />
            <span class="schema-row-acts">
              <Button
                data-move="up"
                aria-label={`Move ${node.label} ${at + 1} up`}
                disabled={isFixed || at === 0}
                onClick={() => move(at, at - 1)}
              >
                ↑
              </Button>
              <Button
                data-move="down"
                aria-label={`Move ${node.label} ${at + 1} down`}
                disabled={isFixed || at === given.length - 1}
                onClick={() => move(at, at + 1)}
              >
                ↓
              </Button>
              <Button
                aria-label={`Remove ${node.label} ${at + 1}`}
                disabled={isFixed || (node.isRequired && given.length <= least)}
                onClick={() => remove(at)}
              >
                ✕
              </Button>
            </span>
          </div>
        ))}
        {given.length < most && !isFixed && (
          <Button data-add onClick={add} aria-label={`Add to ${node.label}`}>
            + Add
          </Button>
        )}
      </div>
    </Box>
  );
};
