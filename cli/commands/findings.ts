import { type ConnectionOptions, connect } from '../connection.ts';
import { say, sayJson, table } from '../output.ts';
import { ago, type Severity, severityCell, textCell } from './columns.ts';
import { plural } from './validate.ts';

type Found = {
  readonly id: string;
  readonly kind: string;
  readonly state: 'open' | 'resolved';
  readonly severity: Severity;
  readonly deploymentId: string | null;
  readonly resource: string;
  readonly title: string;
  readonly openedAt: string;
};

export type FindingsOptions = ConnectionOptions & {
  readonly deployment?: string;
  readonly kind?: string;
  readonly all?: boolean;
  readonly json?: boolean;
};

/** What is open; with --all also what is right again. */
export const listFindings = async (options: FindingsOptions): Promise<void> => {
  const query = {
    deploymentId: options.deployment,
    kind: options.kind,
    state: options.all ? undefined : 'open',
    limit: '100',
  };
  const { items } = await connect(options).request<{ items: Found[] }>('GET', '/api/v1/monitoring/findings', {
    query,
  });
  if (options.json) return sayJson(items);
  if (items.length === 0) return say(options.all ? 'There are no findings.' : 'No finding is open.');
  const now = Date.now();
  say(
    table(
      ['ID', 'KIND', 'STATE', 'SEVERITY', 'DEPLOYMENT', 'RESOURCE', 'SINCE', 'WHAT'],
      items.map(({ id, kind, state, severity, deploymentId, resource, openedAt, title }) => [
        { text: id },
        { text: kind },
        { text: state, colour: state === 'open' ? 'red' : 'green' },
        severityCell(severity),
        textCell(deploymentId ?? '–', 30),
        textCell(resource, 40),
        { text: ago(openedAt, now) },
        textCell(title),
      ]),
    ),
  );
  return say(
    `\n${plural(items.length, 'finding')}. «homeostat explain <id>» says what the policies would do about one.`,
  );
};
