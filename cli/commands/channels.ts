import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../../shared/configuration/index.ts';
import type { ChannelView } from '../../shared/notifications/api.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError, exitCodes } from '../failure.ts';
import { type Cell, paint, printable, say, sayAside, sayJson, table } from '../output.ts';
import { textCell } from './columns.ts';

const channelsPath = '/api/v1/monitoring/channels';

export type ChannelOptions = ConnectionOptions & { readonly json?: boolean };

export const listChannels = async (options: ChannelOptions): Promise<void> => {
  const channels = await connect(options).list<ChannelView>(channelsPath);
  if (options.json) return sayJson(channels);
  return say(table(['NAME', 'TYPE', 'MANAGED BY', 'FALLBACK', 'STATE'], channels.map(rowOf)));
};

const rowOf = (channel: ChannelView): readonly Cell[] => [
  textCell(channel.name, 50),
  { text: channel.type },
  { text: channel.managedBy },
  textCell(channel.fallback ?? '–', 50),
  channel.isActive ? { text: 'active', colour: 'green' } : { text: 'off', colour: 'grey' },
];

/** By name or id. Throws a sentence that lists the names. */
export const findChannel = async (client: ApiClient, given: string): Promise<ChannelView> => {
  const channels = await client.list<ChannelView>(channelsPath);
  const found = channels.find(({ name }) => name === given) ?? channels.find(({ id }) => id === given);
  if (found) return found;
  const names = channels.map(({ name }) => `«${name}»`).join(', ');
  throw new CommandError(`There is no channel «${given}». There are ${names}.`);
};

type Test = {
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly reason: string | null;
  readonly deliveredAt: string | null;
};

const firstPauseMs = 250;
const longestPauseMs = 2000;
/** A send may take ten seconds; a queue and a cold start come before it. */
const patienceMs = 60_000;

const outcomeOf = async (client: ApiClient, resultUrl: string): Promise<Test> => {
  const until = Date.now() + patienceMs;
  for (let waitMs = firstPauseMs; ; waitMs = Math.min(waitMs * 1.5, longestPauseMs)) {
    const test = await client.request<Test>('GET', resultUrl);
    if (test.state !== 'waiting') return test;
    if (Date.now() > until) {
      throw new CommandError(
        `Nothing is known after ${patienceMs / 1000} s: the function «incidents» has not come to it. Look at its log; the result will be at ${resultUrl}.`,
      );
    }
    await pause(waitMs);
  }
};

/** Sends a message that says that it is a test, and waits for what became of it: 0 delivered, 2 not. */
export const testChannel = async (name: string, options: ChannelOptions): Promise<void> => {
  const client = connect(options);
  const channel = await findChannel(client, name);
  const asked = await client.request<{ resultUrl: string }>('POST', `${channelsPath}/${channel.id}/test`, {
    once: true,
  });
  if (process.stderr.isTTY) sayAside(`A test is on its way to ${printable(channel.name)} …`);
  const test = await outcomeOf(client, asked.resultUrl);
  const isDelivered = test.state === 'delivered';
  if (options.json) sayJson(test);
  else if (isDelivered) say(`${paint('green', '✓ delivered')}  ${printable(channel.name)} took it`);
  else say(`${paint('red', '✕ failed')}  ${printable(channel.name)}: ${printable(test.reason ?? '')}`);
  process.exitCode = isDelivered ? exitCodes.done : exitCodes.different;
};
