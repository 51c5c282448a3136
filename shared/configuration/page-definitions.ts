import {
  resolveStatusPage,
  type StatusPageDefinition,
  type StatusPageInput,
  statusPageDefinitionSchema,
} from '../status-pages/api.ts';
import type { Problem } from './problem.ts';
import { definitionReader, type Judging, type Placed } from './read-definitions.ts';
import type { LoadedFile } from './tree.ts';

export type PageDefinitions = {
  readonly statusPages: readonly Placed<StatusPageDefinition>[];
  readonly problems: readonly Problem[];
};

const judgePage: Judging<StatusPageInput, StatusPageDefinition> = {
  schema: statusPageDefinitionSchema,
  resolve: resolveStatusPage,
};

/**
 * Status pages of one file, complete. `enabled: false` leaves them as they are: they act on nothing, and may show checks of
 * other files. Whether what they name is there, the stack judges: other files may bring it.
 */
export const pageDefinitionsOf = async (file: LoadedFile): Promise<PageDefinitions> => {
  const { read, readAll, problems } = definitionReader(file);
  const statusPages = await readAll(file.content.statusPages, ['statusPages'], (given, at) =>
    read(given, at, judgePage),
  );
  return { statusPages, problems };
};
