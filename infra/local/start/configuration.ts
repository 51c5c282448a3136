import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type ApiClient,
  type Configuration,
  ConfigurationError,
  type Convergence,
  converge,
  loadConfiguration,
  problemText,
} from '../../../shared/configuration/index.ts';

/** The configuration file of a local host: read at start, applied, and applied again when it changes. */
export type FileSource = {
  readonly path: string;
  readonly defaultIntervalSeconds: number;
};

export type Loaded = { readonly configuration: Configuration; readonly files: readonly string[] };

/** Undefined when there is no file; throws ConfigurationError for one that cannot be used. */
export const load = async ({ path, defaultIntervalSeconds }: FileSource): Promise<Loaded | undefined> => {
  if (!existsSync(path)) return undefined;
  return loadConfiguration([path], { defaultIntervalSeconds });
};

/** What an application changed, in a few words. */
export const summary = ({ difference, refused }: Convergence): string => {
  const counts = [
    [difference.created.length, 'created'],
    [difference.updated.length, 'updated'],
    [difference.removed.length, 'removed'],
    [refused.length, 'refused'],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return told.length === 0 ? 'nothing to change' : told.join(', ');
};

export const refusals = ({ refused }: Convergence): readonly string[] =>
  refused.map(({ object, outcome }) => {
    const { definition } = object;
    const name =
      'name' in definition ? `${definition.deploymentId}/${definition.name}` : definition.deploymentId;
    return `${name}: ${'message' in outcome ? String(outcome.message) : JSON.stringify(outcome)}`;
  });

/** A file that a file brought is that file's to remove: hence prune. */
export const apply = (client: ApiClient, configuration: Configuration): Promise<Convergence> =>
  converge(client, configuration, { prune: true });

export type Watcher = { close(): Promise<void> };

/** Editors write a file in several steps; one change is what comes within this time. */
const quietMs = 150;

/**
 * Applies the file whenever it, or one it includes, changes. A wrong edit is told with its lines, and what ran before
 * runs on.
 */
export const watch = async (
  source: FileSource,
  client: ApiClient,
  loaded: Loaded | undefined,
  tell: { readonly applied: (text: string) => void; readonly refused: (text: string) => void },
): Promise<Watcher> => {
  const { watch: watchFiles } = await import('chokidar');
  const path = resolve(source.path);
  const watched = new Set([path, ...(loaded?.files ?? [])]);
  const watcher = watchFiles([dirname(path), ...watched], { ignoreInitial: true, depth: 0 });
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  const follow = (files: readonly string[]): void => {
    for (const file of files) if (!watched.has(file)) watcher.add(file);
    for (const file of files) watched.add(file);
  };
  const read = async (): Promise<void> => {
    try {
      const next = await load(source);
      if (!next) {
        tell.refused(`${source.path} is gone; what it said before runs on`);
        return;
      }
      follow(next.files);
      const convergence = await apply(client, next.configuration);
      tell.applied(`${source.path}: ${summary(convergence)}`);
      for (const refusal of refusals(convergence)) tell.refused(refusal);
    } catch (error) {
      if (error instanceof ConfigurationError) follow(error.files);
      tell.refused(`${sentences(error)}\nwhat ran before runs on`);
    }
  };
  watcher.on('all', (_event, file) => {
    if (!watched.has(resolve(file))) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      // One after the other: two applications at once would each act on what the other is changing.
      working = working.then(read);
    }, quietMs);
  });
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
      await working;
    },
  };
};

export const sentences = (error: unknown): string => {
  if (error instanceof ConfigurationError) return error.problems.map(problemText).join('\n');
  return error instanceof Error ? error.message : String(error);
};
