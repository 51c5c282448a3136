import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { RootSchema } from './schema.ts';

/** What holds for the whole form. Paths go from its root, with dots; items of a list have the path of the list. */
export type FormContext = {
  readonly root: RootSchema;
  readonly order: readonly string[];
  readonly fixed: readonly string[];
  readonly left: readonly string[];
  readonly suggestions: Readonly<Record<string, readonly string[]>>;
};

export const FormOf = createContext<FormContext>({
  root: {},
  order: [],
  fixed: [],
  left: [],
  suggestions: {},
});
export const useForm = (): FormContext => useContext(FormOf);
