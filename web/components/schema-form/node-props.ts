import type { Fault } from './faults.ts';
import type { JsonSchema } from './schema.ts';

/** One place in the form, whatever it is filled in with. */
export type NodeProps = {
  readonly schema: JsonSchema;
  /** From the root of the form, with dots; items of a list have the path of the list. */
  readonly path: string;
  readonly label: string;
  readonly value: unknown;
  /** Undefined: not given. */
  onChange(value: unknown): void;
  /** Paths relative to here. */
  readonly faults: readonly Fault[];
  readonly isRequired: boolean;
  /** The label is read aloud only: in rows of a list, whose heading says it. */
  readonly isBare?: boolean;
};
