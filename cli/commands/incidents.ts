import { type ApiClient, ApiError } from '../../shared/configuration/index.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { type Cell, type Colour, paint, printable, say, sayJson, table } from '../output.ts';
import { ago, instantText, type Severity, severityCell, spanText, textCell } from './columns.ts';
import { plural } from './validate.ts';

const incidentsPath = '/api/v1/monitoring/incidents';

type Status = 'open' | 'acknowledged' | 'resolved';
type Incident = {
  readonly id: string;
  readonly deploymentId: string | null;
  readonly title: string;
  readonly severity: Severity;
  readonly status: Status;
  readonly openedAt: string;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  readonly duration: number | null;
  readonly firing: number;
  readonly resolved: number;
};
type Alert = {
  readonly ruleName: string;
  readonly subject: { readonly name: string };
  readonly state: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly reason: string;
  readonly runbookUrl: string | null;
  readonly held: 'muted' | 'parent' | 'info' | 'wait' | 'channel' | null;
};
type Told = {
  readonly channelId: string;
  readonly channelName: string | null;
  readonly sent: readonly { readonly kind: string; readonly at: string }[];
  readonly unsent: readonly { readonly kind: string }[];
  readonly lastError: string | null;
  readonly isUndelivered: boolean;
};
type Detail = Incident & { readonly alerts: readonly Alert[]; readonly notifications: readonly Told[] };
type Entry = {
  readonly at: string;
  readonly kind: string;
  readonly text: string;
  readonly by: string | null;
};

export type ListOptions = ConnectionOptions & {
  readonly deployment?: string;
  readonly severity?: string;
  readonly all?: boolean;
  readonly json?: boolean;
};

const statusColours: Readonly<Record<Status, Colour>> = {
  open: 'red',
  acknowledged: 'yellow',
  resolved: 'green',
};

/** So many of those that are over: who wants more asks the API. */
const mostListed = 200;

/** What is not over; with --all the newest, whatever became of them. */
export const listIncidents = async (options: ListOptions): Promise<void> => {
  const client = connect(options);
  const filter = { deploymentId: options.deployment, severity: options.severity };
  const incidents = options.all
    ? await newest(client, filter)
    : await client.list<Incident>(incidentsPath, { ...filter, status: 'active' });
  if (options.json) return sayJson(incidents);
  if (incidents.length === 0) return say(options.all ? 'There were no incidents.' : 'Nothing is wrong now.');
  const now = Date.now();
  say(
    table(
      ['ID', 'STATUS', 'SEVERITY', 'DEPLOYMENT', 'SINCE', 'ALERTS', 'WHAT'],
      incidents.map((one) => rowOf(one, now)),
    ),
  );
  return say(
    `\n${plural(incidents.length, 'incident')}. «homeostat incidents show <id>» tells all about one.`,
  );
};

const newest = async (
  client: ApiClient,
  filter: Readonly<Record<string, string | undefined>>,
): Promise<readonly Incident[]> => {
  const query = { ...filter, limit: String(mostListed) };
  return (await client.request<{ items: Incident[] }>('GET', incidentsPath, { query })).items;
};

const rowOf = (incident: Incident, now: number): readonly Cell[] => [
  { text: incident.id },
  { text: incident.status, colour: statusColours[incident.status] },
  severityCell(incident.severity),
  textCell(incident.deploymentId ?? '–', 30),
  { text: ago(incident.openedAt, now) },
  { text: `${incident.firing} firing` },
  textCell(incident.title, 80),
];

export type OneOptions = ConnectionOptions & { readonly json?: boolean; readonly text?: string };

const pathOf = (id: string, end = ''): string => `${incidentsPath}/${encodeURIComponent(id)}${end}`;

/** An id that is not there, in the words of this program. */
const aboutOne = async <T>(id: string, ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    const isUnknown =
      error instanceof ApiError && (error.status === 404 || error.code === 'VALIDATION_ERROR');
    if (!isUnknown) throw error;
    throw new CommandError(
      `There is no incident ${id}, or the token does not reach it. «homeostat incidents list --all» shows the id of each.`,
    );
  }
};

/** Everything about one: its alerts, who was told, what happened. */
export const showIncident = async (id: string, options: OneOptions): Promise<void> => {
  const client = connect(options);
  const incident = await aboutOne(id, () => client.request<Detail>('GET', pathOf(id)));
  const timeline = await client.list<Entry>(pathOf(id, '/timeline'));
  if (options.json) return sayJson({ ...incident, timeline });
  const { status, severity, title } = incident;
  say(`${paint(statusColours[status], status)}  ${paint('bold', printable(title))}`);
  say(`  ${[severity, incident.deploymentId ?? 'no deployment', durationOf(incident)].join(' · ')}`);
  if (incident.acknowledgedBy !== null) say(`  acknowledged by ${printable(incident.acknowledgedBy)}`);
  say();
  say(table(['ALERT', 'SUBJECT', 'STATE', 'SEVERITY', 'REASON'], incident.alerts.map(alertRow)));
  for (const url of new Set(incident.alerts.flatMap(({ runbookUrl }) => runbookUrl ?? [])))
    say(`Runbook: ${printable(url)}`);
  say();
  if (incident.notifications.length === 0) say('No channel was told.');
  else say(table(['CHANNEL', 'TOLD', 'WAITS', 'TROUBLE'], incident.notifications.map(toldRow)));
  say();
  return say(table(['AT (UTC)', 'WHAT', 'BY', ''], timeline.map(entryRow)));
};

const durationOf = ({ openedAt, duration }: Incident): string =>
  duration === null
    ? `since ${instantText(openedAt)} UTC, ${spanText(Date.now() - Date.parse(openedAt))}`
    : `from ${instantText(openedAt)} UTC, for ${spanText(duration * 1000)}`;

const holds: Readonly<Record<NonNullable<Alert['held']>, string>> = {
  muted: 'silenced',
  parent: 'its parent is down',
  info: 'in the digest',
  wait: 'gathering',
  channel: 'no channel',
};

const alertRow = (alert: Alert): readonly Cell[] => [
  textCell(alert.ruleName, 40),
  textCell(alert.subject.name, 40),
  {
    text: alert.held === null ? alert.state : `${alert.state} (${holds[alert.held]})`,
    colour: alert.state === 'firing' ? 'red' : 'green',
  },
  severityCell(alert.severity),
  textCell(alert.reason, 100),
];

const toldRow = (told: Told): readonly Cell[] => [
  textCell(told.channelName ?? `${told.channelId} (removed)`, 40),
  textCell(told.sent.map(({ kind }) => kind).join(', ') || 'nothing yet', 60),
  textCell(told.unsent.map(({ kind }) => kind).join(', ') || '–', 40),
  {
    ...textCell(told.isUndelivered ? `undelivered: ${told.lastError ?? ''}` : (told.lastError ?? ''), 100),
    ...(told.lastError !== null && { colour: 'red' as const }),
  },
];

const entryRow = ({ at, kind, by, text }: Entry): readonly Cell[] => [
  { text: instantText(at), colour: 'grey' },
  { text: kind },
  textCell(by ?? 'homeostat', 30),
  textCell(text, 140),
];

type Verb = 'acknowledge' | 'unacknowledge' | 'comment' | 'resolve' | 'escalate';

const act = async (
  id: string,
  verb: Verb,
  options: OneOptions & { readonly public?: boolean },
  said: (incident: Incident) => string,
): Promise<void> => {
  const { text } = options;
  const body = { ...(text !== undefined && { text }), ...(options.public && { isPublic: true }) };
  const incident = await aboutOne(id, () =>
    connect(options).request<Incident>('POST', pathOf(id, `/${verb}`), { body, once: true }),
  );
  if (options.json) return sayJson(incident);
  return say(`${printable(incident.title)} ${said(incident)}`);
};

export const acknowledgeIncident = (id: string, options: OneOptions): Promise<void> =>
  act(
    id,
    'acknowledge',
    options,
    ({ acknowledgedBy }) =>
      `is acknowledged by ${printable(acknowledgedBy ?? 'you')}: no reminders and no escalation until it is over.`,
  );
export const unacknowledgeIncident = (id: string, options: OneOptions): Promise<void> =>
  act(id, 'unacknowledge', options, () => 'is given back: reminders and escalation begin anew.');
export const commentOnIncident = (
  id: string,
  text: string,
  options: OneOptions & { readonly public?: boolean },
): Promise<void> =>
  act(id, 'comment', { ...options, text }, () =>
    options.public
      ? 'has your update on its timeline, and so have the status pages that show it.'
      : 'has your comment on its timeline.',
  );
export const resolveIncident = (id: string, options: OneOptions): Promise<void> =>
  act(
    id,
    'resolve',
    options,
    () => 'is being resolved: its alerts fire again only after their conditions were clear once.',
  );
export const escalateIncident = (id: string, options: OneOptions): Promise<void> =>
  act(id, 'escalate', options, () => 'is being escalated. «homeostat incidents show» tells who hears of it.');
