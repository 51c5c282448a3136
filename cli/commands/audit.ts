import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { type Cell, say, sayJson, table } from '../output.ts';
import { instantText, textCell } from './columns.ts';

type Write = {
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly kind: string;
  readonly name: string;
  readonly deploymentId: string | null;
};

export type AuditOptions = ConnectionOptions & {
  readonly by?: string;
  readonly kind?: string;
  readonly deployment?: string;
  readonly limit: string;
  readonly json?: boolean;
};

/** Who wrote what in the last 30 days, newest first; before and after are in --json. */
export const listAudit = async (options: AuditOptions): Promise<void> => {
  if (!/^\d{1,3}$/.test(options.limit) || Number(options.limit) < 1 || Number(options.limit) > 200)
    throw new CommandError('Give --limit a number from 1 to 200.');
  const { by, kind, deployment: deploymentId, limit } = options;
  const { items } = await connect(options).request<{ items: Write[] }>('GET', '/api/v1/monitoring/audit', {
    query: { by, kind, deploymentId, limit },
  });
  if (options.json) return sayJson(items);
  if (items.length === 0) return say('Nothing was written that this asks for.');
  return say(table(['AT (UTC)', 'BY', 'DID', 'WHAT', 'NAME', 'DEPLOYMENT'], items.map(rowOf)));
};

const rowOf = ({ at, by, action, kind, name, deploymentId }: Write): readonly Cell[] => [
  { text: instantText(at) },
  textCell(by, 40),
  textCell(action, 20),
  textCell(kind, 20),
  textCell(name, 60),
  textCell(deploymentId ?? '–', 30),
];
