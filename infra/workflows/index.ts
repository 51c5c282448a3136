import { cost } from './cost.ts';
import { drift } from './drift.ts';
import { heal } from './heal.ts';
import type { StateMachine } from './language.ts';
import { rollback } from './rollback.ts';
import { scale } from './scale.ts';

export type { StateMachine, Substitution } from './language.ts';

/** The state machines of remediation, by the name of their workflow. */
export const stateMachines = { heal, drift, cost, rollback, scale } as const satisfies Readonly<
  Record<string, StateMachine>
>;
