import { type ConnectionOptions, connect } from '../connection.ts';
import { type Cell, printable, say, sayJson, table } from '../output.ts';
import { textCell } from './columns.ts';
import { plural } from './validate.ts';

type HiddenCheck = { readonly deploymentId: string; readonly name: string; readonly why: string };
type View = {
  readonly slug: string;
  readonly name: string;
  readonly isPublished: boolean;
  readonly groups: readonly { readonly shown: number; readonly hidden: readonly HiddenCheck[] }[];
  readonly managedBy: string;
};

/** The status pages within reach, and which checks they name without showing them. */
export const listStatusPages = async ({
  json,
  ...connection
}: ConnectionOptions & { readonly json?: boolean }): Promise<void> => {
  const pages = await connect(connection).list<View>('/api/v1/monitoring/status-pages');
  if (json) return sayJson(pages);
  if (pages.length === 0)
    return say('There are no status pages. docs/status-pages.md tells how to make one.');
  say(table(['SLUG', 'NAME', 'SHOWS', 'OWNER', ''], pages.map(rowOf)));
  for (const line of pages.flatMap(hiddenLines)) say(line);
  return say(
    `\n${plural(pages.length, 'status page')}. Everybody sees one at /status/<slug>, once it is published.`,
  );
};

const rowOf = ({ slug, name, isPublished, groups, managedBy }: View): readonly Cell[] => [
  { text: slug },
  textCell(name, 50),
  {
    text: plural(
      groups.reduce((sum, { shown }) => sum + shown, 0),
      'check',
    ),
  },
  { text: managedBy },
  isPublished ? { text: '' } : { text: 'not published', colour: 'grey' },
];

const hiddenLines = ({ slug, groups }: View): string[] =>
  groups
    .flatMap(({ hidden }) => hidden)
    .map(({ deploymentId, name, why }) =>
      printable(
        `${slug} does not show ${deploymentId}/${name}: ${why === 'not public' ? 'it does not say isPublic: true' : 'it is not there'}.`,
      ),
    );
