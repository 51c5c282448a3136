import type { ApplyWorld } from '../../../shared/remediation/apply.ts';
import type { Table } from '../../../shared/storage/index.ts';
import type { SmallWorld } from './small-world.ts';

/** What a test throws where an invocation is killed. */
export class Killed extends Error {
  override name = 'Killed';
}

/** Called before and after each access to anything outside; throws where the invocation is killed. */
export type Gate = (what: string) => void | Promise<void>;

/** Dies at the n-th access, counted from 0, and does nothing any more, whatever it catches. */
export const dyingAt = (
  n: number,
): Gate & { readonly accesses: () => number; readonly isDead: () => boolean } => {
  let count = 0;
  const gate = (what: string) => {
    if (count++ >= n) throw new Killed(`${what}, access ${count}`);
  };
  return Object.assign(gate, { accesses: () => count, isDead: () => count > n });
};

/** The same world as one invocation sees it: through a gate. */
export const through = (small: SmallWorld, gate: Gate): ApplyWorld => {
  const { world, state, scale } = small;
  const guarded =
    <A extends readonly unknown[], R>(what: string, work: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      await gate(`before ${what}`);
      const result = await work(...given);
      await gate(`after ${what}`);
      return result;
    };
  const table: Pick<Table, 'get' | 'put' | 'update'> = {
    get: guarded('get', state.get),
    put: guarded('put', state.put),
    update: guarded('update', state.update),
  };
  return {
    ...world,
    state: table,
    bus: { publish: guarded('publish', world.bus.publish) },
    openPorts: guarded('assume', world.openPorts),
    actions: { 'ecs-scale': { ...scale, apply: guarded('apply', scale.apply) } },
  };
};
