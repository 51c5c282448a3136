import { type ComponentType, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { NodeProps } from './node-props.ts';
import type { RootSchema } from './schema.ts';

/** What holds for the whole form. Paths go from its root, with dots; items of a list have the path of the list. */
export type FormContext = {
  readonly root: RootSchema;
  /** What any place in the form is filled in with: fields that hold others draw them through it. */
  readonly Node: ComponentType<NodeProps>;
  readonly order: readonly string[];
  readonly fixed: readonly string[];
  readonly left: readonly string[];
  readonly suggestions: Readonly<Record<string, readonly string[]>>;
};

export const FormOf = createContext<FormContext>({
  root: {},
  Node: () => null,
  order: [],
  fixed: [],
  left: [],
  suggestions: {},
});
export const useForm = (): FormContext => useContext(FormOf);
