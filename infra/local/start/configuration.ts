import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type ApiClient,
  type Configuration,
  ConfigurationError,
  type Convergence,
  converge,
  emptyConfiguration,
  type Given,
  heldText,
  loadConfiguration,
  madeIn,
  problemText,
  refusalText,
  withChannels,
} from '../../../shared/configuration/index.ts';

/** The configuration file of a local host: read at start, applied, and applied again when it changes. */
export type FileSource = {
  readonly path: string;
  readonly defaultIntervalSeconds: number;
  /** Channels of the environment, applied with what the file says. */
  readonly given?: Given;
};

export type Loaded = { readonly configuration: Configuration; readonly files: readonly string[] };

/** Undefined when there is no file; throws ConfigurationError for one that cannot be used. */
export const load = async ({
  path,
  defaultIntervalSeconds,
  given,
}: FileSource): Promise<Loaded | undefined> => {
  if (!existsSync(path)) return undefined;
  const { configuration, files } = await loadConfiguration([path], { defaultIntervalSeconds });
  return { configuration: given ? withChannels(configuration, given) : configuration, files };
};

/** What an application changed, in a few words. */
export const summary = (convergence: Convergence): string => {
  const { created, updated, removed, conflicts } = madeIn(convergence);
  const counts = [
    [created.length, 'created'],
    [updated.length, 'updated'],
    [removed.length, 'removed'],
    [convergence.refused.length, 'refused'],
    [conflicts.length, conflicts.length === 1 ? 'conflict' : 'conflicts'],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return told.length === 0 ? 'nothing to change' : told.join(', ');
};

/** What was not done, and why: a sentence each. */
export const refusals = (convergence: Convergence): readonly string[] => [
  ...convergence.refused.map(refusalText),
  ...[heldText(convergence) ?? []].flat(),
  ...convergence.difference.conflicts.map(
    ({ kind, name, fields }) =>
      `${kind} ${name} is managed over the API and stays as it is there (other in the file: ${fields.map(({ path }) => path).join(', ')}); change it there, or remove it there first`,
  ),
];

/** Without a file: the channels of the environment alone, and what a file brought before stays. Undefined: nothing was given. */
export const applyGiven = (client: ApiClient, given: Given | undefined): Promise<Convergence> | undefined =>
  given && given.channels.length > 0 ? converge(client, withChannels(emptyConfiguration, given)) : undefined;

/** What a file brought is that file's to remove: hence prune. */
export const apply = (client: ApiClient, configuration: Configuration): Promise<Convergence> =>
  converge(client, configuration, { prune: true });

export type Watcher = { close(): Promise<void> };

/** Editors write a file in several steps; one change is what comes within this time. */
const quietMs = 150;

type Tell = { readonly applied: (text: string) => void; readonly refused: (text: string) => void };

const areSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((file) => others.includes(file));

/**
 * Reads and applies the configuration again; gives the files it now consists of. Without an edit (there is a new file
 * beside them) nothing is done and told when they are those of before.
 */
const readAgain = async (
  source: FileSource,
  client: ApiClient,
  tell: Tell,
  before: readonly string[],
  wasEdited: boolean,
): Promise<readonly string[]> => {
  try {
    const next = await load(source);
    const files = next?.files ?? [];
    if (!wasEdited && areSame(files, before)) return before;
    if (next) {
      const convergence = await apply(client, next.configuration);
      tell.applied(`${source.path}: ${summary(convergence)}`);
      for (const refusal of refusals(convergence)) tell.refused(refusal);
    } else tell.refused(`${source.path} is gone; what it said before runs on`);
    return files;
  } catch (error) {
    const files = error instanceof ConfigurationError ? error.files : before;
    if (wasEdited || !areSame(files, before)) tell.refused(`${sentences(error)}\nwhat ran before runs on`);
    return files;
  }
};

/**
 * Applies the file whenever it, or one it includes, changes or comes. A wrong edit is told with its lines, and what
 * ran before runs on.
 */
export const watch = async (
  source: FileSource,
  client: ApiClient,
  loaded: Loaded | undefined,
  tell: Tell,
): Promise<Watcher> => {
  const { watch: watchFiles } = await import('chokidar');
  const path = resolve(source.path);
  const watcher = watchFiles([], { ignoreInitial: true, depth: 0 });
  const watched = new Set<string>();
  let files: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let edited = false;
  let working: Promise<void> = Promise.resolve();

  const follow = (now: readonly string[]): void => {
    files = now;
    // Their folders too: a file that a * takes in may come later, and editors put a new file in the place of the old.
    const all = [path, ...now].flatMap((file) => [dirname(file), file]);
    watcher.add(all.filter((one) => !watched.has(one)));
    for (const one of all) watched.add(one);
  };
  watcher.on('all', (event, changed) => {
    const isOurs = watched.has(resolve(changed)) && !event.endsWith('Dir');
    if (!isOurs && event !== 'add') return;
    edited ||= isOurs;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const wasEdited = edited;
      edited = false;
      // One after the other: two applications at once would each act on what the other is changing.
      working = working.then(async () => follow(await readAgain(source, client, tell, files, wasEdited)));
    }, quietMs);
  });
  const isReady = new Promise<void>((ready) => watcher.once('ready', ready));
  watcher.on('error', (error) => {
    tell.refused(`${source.path} cannot be watched: ${sentences(error)}; after an edit, start again`);
  });
  follow(loaded?.files ?? []);
  // An edit from here on is seen.
  await isReady;
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
