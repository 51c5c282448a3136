import { noteChange } from '../changes/index.ts';
import type { Item, Table } from '../storage/index.ts';
import type { StopSwitch } from './brake-facts.ts';

/** The switch that stops all healing at once: `REMEDIATION` / `STOP` in `state`. */
export const stopKey = { pk: 'REMEDIATION', sk: 'STOP' } as const;

const isOff: StopSwitch = { isOn: false };

const fromItem = (item: Item): StopSwitch => ({
  // Whatever is not plainly off is on.
  isOn: item.isOn !== false,
  by: typeof item.by === 'string' ? item.by : undefined,
  reason: typeof item.reason === 'string' ? item.reason : undefined,
  at: typeof item.at === 'number' ? item.at : undefined,
});

/** Consistently: whoever switched it on can rely on it. Throws when it cannot be read; the caller then does nothing. */
export const readStop = async (state: Pick<Table, 'get'>): Promise<StopSwitch> => {
  const item = await state.get(stopKey, { consistent: true });
  return item ? fromItem(item) : isOff;
};

/** Switches it. Saying the same again changes who said it and why, nothing else; the last word counts. */
export const setStop = async (
  state: Pick<Table, 'put'>,
  given: { readonly isOn: boolean; readonly by: string; readonly reason: string; readonly at: number },
): Promise<StopSwitch> => {
  await state.put({ ...stopKey, v: 1, ...given });
  await noteChange(state, 'stop', `${given.isOn}@${given.at} by ${given.by}: ${given.reason}`);
  return given;
};
