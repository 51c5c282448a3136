import { ApiError } from '../../shared/configuration/index.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { type Cell, type Colour, printable, say, sayJson, table } from '../output.ts';
import { instantText, textCell } from './columns.ts';

const silencesPath = '/api/v1/monitoring/silences';

type State = 'waiting' | 'active' | 'ended';
type Silence = {
  readonly id: string;
  readonly matchers: readonly string[];
  readonly author: string;
  readonly reason: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly state: State;
};

const stateColours: Readonly<Record<State, Colour>> = { waiting: 'grey', active: 'yellow', ended: 'grey' };

export type ListOptions = ConnectionOptions & {
  readonly deployment?: string;
  readonly ended?: boolean;
  readonly json?: boolean;
};

export const listSilences = async (options: ListOptions): Promise<void> => {
  const silences = await connect(options).list<Silence>(silencesPath, {
    deploymentId: options.deployment,
    ...(options.ended && { state: 'ended' }),
  });
  if (options.json) return sayJson(silences);
  if (silences.length === 0) return say(options.ended ? 'No silence has ended.' : 'Nothing is silenced.');
  const headings = ['ID', 'STATE', 'UNTIL (UTC)', 'MATCHERS', 'BY', 'REASON'];
  return say(table(headings, silences.map(rowOf)));
};

const rowOf = (silence: Silence): readonly Cell[] => [
  { text: silence.id },
  { text: silence.state, colour: stateColours[silence.state] },
  { text: instantText(silence.endsAt) },
  textCell(silence.matchers.join(', '), 80),
  textCell(silence.author, 30),
  textCell(silence.reason, 80),
];

export type AddOptions = ConnectionOptions & {
  readonly for: string;
  readonly reason: string;
  readonly json?: boolean;
};

export const addSilence = async (matchers: readonly string[], options: AddOptions): Promise<void> => {
  const body = { matchers, duration: options.for, reason: options.reason };
  const made = await connect(options).request<Silence>('POST', silencesPath, { body, once: true });
  if (options.json) return sayJson(made);
  return say(
    `Silence ${made.id}: what matches ${made.matchers.map(printable).join(' and ')} is recorded and not told until ${instantText(made.endsAt)} UTC. «homeostat silences expire ${made.id}» ends it.`,
  );
};

export const expireSilence = async (id: string, options: ConnectionOptions): Promise<void> => {
  try {
    await connect(options).request('DELETE', `${silencesPath}/${encodeURIComponent(id)}`);
  } catch (error) {
    const isUnknown =
      error instanceof ApiError && (error.status === 404 || error.code === 'VALIDATION_ERROR');
    if (!isUnknown) throw error;
    throw new CommandError(
      `There is no silence ${id}, or the token does not reach it. «homeostat silences list» shows the id of each.`,
    );
  }
  say(`Silence ${printable(id)} is over; what still fires is told now.`);
};
