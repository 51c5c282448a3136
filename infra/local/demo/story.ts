import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../../shared/configuration/index.ts';
import { painted, plain, type Terminal } from '../start/terminal.ts';
import type { Service } from './service.ts';
import {
  type Change,
  incidentOf,
  type Look,
  looksOf,
  type Recorded,
  recordOf,
  remediationOf,
  timelineOf,
} from './watched.ts';

/** How it ended: without a failure the service was healed and the incident resolved. */
export type Story = { readonly failure?: string };

type Followed = {
  readonly service: Service;
  readonly checkId: string;
  /** What the bus told of the check, and goes on telling. */
  readonly changes: readonly Change[];
  /** Epoch ms. */
  readonly killedAt: number;
  readonly withinMs: number;
};

type Line = { readonly at: number; readonly what: string; readonly text: string };

/** How each entry of the record is called in the story; the rest of the record is left out of it. */
const steps: Readonly<Record<string, string>> = {
  planned: 'planned',
  held: 'held back',
  started: 'restarting',
  applied: 'restarted',
  not_applied: 'not restarted',
  verified: 'verified',
  not_verified: 'not verified',
  retry: 'again',
};
const ofIncident: Readonly<Record<string, string>> = {
  opened: 'incident opened',
  cleared: 'alert cleared',
  resolved: 'incident resolved',
};

/** Prints what happens as it happens, each with its seconds since the kill, until all is well or the time is over. */
export const followHealing = async (
  terminal: Terminal,
  client: ApiClient,
  followed: Followed,
): Promise<Story> => {
  const { killedAt, withinMs, service } = followed;
  const told = new Set<string>();
  const tell = ({ at, what, text }: Line): void => {
    const seconds = ((at - killedAt) / 1000).toFixed(1).padStart(6);
    const line = `${seconds} s  ${painted(terminal, 'bold', what.padEnd(18))} ${plain(text)}`;
    if (!told.has(line)) terminal.line(line);
    told.add(line);
  };
  tell({ at: killedAt, what: 'killed', text: 'the service is gone' });
  for (;;) {
    const { lines, end } = await seen(client, followed);
    for (const line of lines.toSorted((one, other) => one.at - other.at)) tell(line);
    if (end === 'healed') break;
    if (end !== undefined) return { failure: end };
    if (Date.now() > killedAt + withinMs)
      return { failure: `the incident was not resolved within ${withinMs / 1000} s of the kill` };
    await sleep(500);
  }
  terminal.line('');
  const seconds = Math.round((Date.now() - killedAt) / 1000);
  const by = `process ${await service.pid()} answers at ${service.url}`;
  terminal.line(painted(terminal, 'green', `Healed ${seconds} s after the kill: ${by}`));
  return {};
};

type Seen = { readonly lines: readonly Line[]; readonly end: string | undefined };

const seen = async (client: ApiClient, { checkId, killedAt, changes }: Followed): Promise<Seen> => {
  const [looks, remediation, incident] = await Promise.all([
    looksOf(client, checkId),
    remediationOf(client),
    incidentOf(client),
  ]);
  const [record, timeline] = await Promise.all([
    remediation ? recordOf(client, remediation.id) : [],
    incident ? timelineOf(client, incident.id) : [],
  ]);
  const lines = [
    ...looks.flatMap((look) => lineOf(look, killedAt)),
    ...changes.flatMap((change) => lineOfChange(change, killedAt)),
    ...record.filter(({ kind, after }) => kind !== 'verified' || after === null).flatMap(lineOfRecord),
    ...timeline.flatMap(({ at, kind, text }) => named(ofIncident, kind, at, text)),
  ];
  const isOver = record.some(({ kind }) => kind === 'ended');
  const isHealed = remediation?.status === 'succeeded' && isOver && incident?.status === 'resolved';
  const hasFailed = isOver && remediation?.status !== 'succeeded';
  const end = isHealed
    ? 'healed'
    : hasFailed
      ? `the remedy ended ${remediation?.status}: ${remediation?.reason}`
      : undefined;
  return { lines, end };
};

const named = (
  names: Readonly<Record<string, string>>,
  kind: string,
  at: string,
  text: string,
): readonly Line[] => {
  const what = names[kind];
  return what === undefined ? [] : [{ at: Date.parse(at), what, text }];
};

const lineOfRecord = ({ kind, at, text, durationMs }: Recorded): readonly Line[] =>
  named(steps, kind, at, kind === 'applied' && durationMs !== null ? `in ${durationMs / 1000} s` : text);

const lineOfChange = ({ at, to, reason }: Change, killedAt: number): readonly Line[] =>
  Date.parse(at) < killedAt
    ? []
    : [{ at: Date.parse(at), what: to === 'unhealthy' ? 'detected' : 'recovered', text: `${to}: ${reason}` }];

/** Looks since the kill. */
const lineOf = ({ at, status, reason }: Look, killedAt: number): readonly Line[] =>
  Date.parse(at) < killedAt
    ? []
    : [{ at: Date.parse(at), what: 'looked', text: reason ? `${status}: ${reason}` : status }];
