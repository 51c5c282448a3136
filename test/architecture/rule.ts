import type { Tree } from './sources.ts';

/** A sentence about the tree, and what breaks it: one line a place, beginning with the file's path. */
export type Rule = { readonly sentence: string; readonly broken: (tree: Tree) => string[] };
