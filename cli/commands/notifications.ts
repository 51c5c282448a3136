import { type ConnectionOptions, connect } from '../connection.ts';
import { exitCodes } from '../failure.ts';
import { type Cell, say, sayJson, table } from '../output.ts';
import { findChannel } from './channels.ts';
import { ago, textCell } from './columns.ts';
import { plural } from './validate.ts';

const path = '/api/v1/monitoring/notifications';

type Undelivered = {
  readonly channelId: string;
  readonly channelName: string | null;
  readonly incidentId: string;
  readonly title: string;
  readonly since: string;
  readonly attempts: number;
  readonly reason: string;
  readonly unsent: readonly { readonly kind: string }[];
};

export type UndeliveredOptions = ConnectionOptions & { readonly json?: boolean };

/** Ends with 0 when everything was delivered, else with 2. */
export const listUndelivered = async (options: UndeliveredOptions): Promise<void> => {
  const { items } = await connect(options).request<{ items: Undelivered[] }>('GET', `${path}/undelivered`);
  process.exitCode = items.length > 0 ? exitCodes.different : exitCodes.done;
  if (options.json) return sayJson(items);
  if (items.length === 0) return say('Everything was delivered, or is still being tried.');
  const now = Date.now();
  const headings = ['CHANNEL', 'INCIDENT', 'WHAT', 'FAILING SINCE', 'TRIED', 'UNTOLD', 'REASON'];
  say(
    table(
      headings,
      items.map((one) => rowOf(one, now)),
    ),
  );
  return say('\nMend the cause, then «homeostat notifications redrive» begins anew.');
};

const rowOf = (one: Undelivered, now: number): readonly Cell[] => [
  textCell(one.channelName ?? `${one.channelId} (removed)`, 40),
  { text: one.incidentId },
  textCell(one.title, 60),
  { text: ago(one.since, now) },
  { text: plural(one.attempts, 'time') },
  textCell(one.unsent.map(({ kind }) => kind).join(', '), 40),
  { ...textCell(one.reason, 100), colour: 'red' },
];

export type RedriveOptions = UndeliveredOptions & { readonly channel?: string; readonly incident?: string };

export const redriveNotifications = async (options: RedriveOptions): Promise<void> => {
  const client = connect(options);
  const channel = options.channel === undefined ? undefined : await findChannel(client, options.channel);
  const body = {
    ...(channel && { channelId: channel.id }),
    ...(options.incident !== undefined && { incidentId: options.incident }),
  };
  const answer = await client.request<{ begun: number }>('POST', `${path}/redrive`, { body });
  if (options.json) return sayJson(answer);
  return say(
    answer.begun === 0
      ? 'There is nothing to send again.'
      : `${plural(answer.begun, 'notification')} ${answer.begun === 1 ? 'goes' : 'go'} out within a minute.`,
  );
};
