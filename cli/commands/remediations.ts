import { ApiError } from '../../shared/configuration/index.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { type Cell, type Colour, paint, printable, say, sayJson, table } from '../output.ts';
import { ago, instantText, type Severity, severityCell, textCell } from './columns.ts';
import { planLines, type ShownPlan } from './plan-lines.ts';
import { plural } from './validate.ts';

const remediationsPath = '/api/v1/monitoring/remediations';
const plansPath = '/api/v1/monitoring/plans';

type Summary = {
  readonly id: string;
  readonly deploymentId: string;
  readonly workflow: string;
  readonly title: string;
  readonly severity: Severity;
  readonly policy: string | null;
  readonly status: string;
  readonly reason: string;
  readonly attempt: number;
  readonly resources: readonly string[];
  readonly madeBy: string;
  readonly undoOf: string | null;
  readonly undoneBy: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
};
type Detail = Summary & {
  readonly approvals: readonly {
    readonly by: string;
    readonly at: string;
    readonly comment: string | null;
  }[];
  readonly approveBy: string | null;
  readonly holds: readonly {
    readonly brake: string;
    readonly reason: string;
    readonly untilAt: string | null;
  }[];
  readonly plan: ShownPlan;
};
type Entry = {
  readonly at: string;
  readonly kind: string;
  readonly by: string;
  readonly attempt: number;
  readonly text: string;
};

const good = new Set(['succeeded', 'confirmed', 'not_needed']);
const bad = new Set(['failed', 'unknown', 'held']);
const colourOf = (status: string): Colour =>
  good.has(status) ? 'green' : bad.has(status) ? 'red' : status === 'waiting' ? 'yellow' : 'grey';

/** Ids are long; the first twelve digits tell them apart, and commands take them too. */
const shortOf = (id: string): string => id.slice(0, 12);

export type ListOptions = ConnectionOptions & {
  readonly deployment?: string;
  readonly status?: string;
  readonly all?: boolean;
  readonly json?: boolean;
};

/** What waits or is under way; with --all the newest, whatever became of them. */
export const listRemediations = async (options: ListOptions): Promise<void> => {
  const client = connect(options);
  const status = options.status ?? (options.all ? undefined : 'active');
  const query = { deploymentId: options.deployment, status, limit: '100' };
  const { items } = await client.request<{ items: Summary[] }>('GET', remediationsPath, { query });
  if (options.json) return sayJson(items);
  if (items.length === 0)
    return say(
      status === 'active' ? 'Nothing waits and nothing is under way.' : 'There were no remediations.',
    );
  const now = Date.now();
  say(
    table(
      ['ID', 'STATUS', 'SEVERITY', 'DEPLOYMENT', 'BEGAN', 'RESOURCES', 'WHAT FOR'],
      items.map((one) => rowOf(one, now)),
    ),
  );
  return say(
    `\n${plural(items.length, 'remediation')}. «homeostat remediations show <id>» tells all about one.`,
  );
};

const rowOf = (one: Summary, now: number): readonly Cell[] => [
  { text: shortOf(one.id) },
  { text: one.status.replace('_', ' '), colour: colourOf(one.status) },
  severityCell(one.severity),
  textCell(one.deploymentId, 30),
  { text: ago(one.startedAt, now) },
  textCell(one.resources.join(', '), 40),
  textCell(one.title, 60),
];

export type OneOptions = ConnectionOptions & {
  readonly json?: boolean;
  readonly comment?: string;
  readonly dryRun?: boolean;
};

/** The whole id of what was typed; a beginning does while it is of one only. */
const wholeId = async (id: string, options: ConnectionOptions): Promise<string> => {
  if (/^[0-9a-f]{64}$/.test(id)) return id;
  if (!/^[0-9a-f]{6,63}$/.test(id)) throw unknown(id);
  const query = { limit: '200' };
  const { items } = await connect(options).request<{ items: Summary[] }>('GET', remediationsPath, { query });
  const found = items.filter((one) => one.id.startsWith(id));
  if (found.length > 1) throw new CommandError(`Several remediations begin with ${id}: give more of its id.`);
  const [only] = found;
  if (!only) throw unknown(id);
  return only.id;
};

const unknown = (id: string): CommandError =>
  new CommandError(
    `There is no remediation ${printable(id)}, or the token does not reach it. «homeostat remediations list --all» shows the id of each.`,
  );

const aboutOne = async <T>(id: string, ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) throw unknown(id);
    throw error;
  }
};

/** How it stands, what it would do or did, and the whole record. */
export const showRemediation = async (id: string, options: OneOptions): Promise<void> => {
  const whole = await wholeId(id, options);
  const client = connect(options);
  const one = await aboutOne(id, () => client.request<Detail>('GET', `${remediationsPath}/${whole}`));
  const log = await client.list<Entry>(`${remediationsPath}/${whole}/log`);
  if (options.json) return sayJson({ ...one, log });
  const { status, title, reason } = one;
  say(`${paint(colourOf(status), status.replace('_', ' '))}  ${paint('bold', printable(title))}`);
  say(`  ${printable(reason)}`);
  say(
    `  ${[one.severity, one.deploymentId, one.workflow, `attempt ${one.attempt}`].map(printable).join(' · ')}`,
  );
  say(`  asked by ${printable(one.madeBy)}, ${instantText(one.startedAt)} UTC`);
  if (status === 'waiting' && one.approveBy !== null)
    say(`  to be approved until ${instantText(one.approveBy)} UTC`);
  for (const { by, at } of one.approvals) say(`  approved by ${printable(by)}, ${instantText(at)} UTC`);
  if (one.undoOf !== null) say(`  undoes ${shortOf(one.undoOf)}`);
  if (one.undoneBy !== null) say(`  was undone by ${shortOf(one.undoneBy)}`);
  for (const { brake, reason: why } of one.holds)
    say(paint('yellow', `  held by ${brake}: ${printable(why)}`));
  say();
  for (const line of planLines(one.plan)) say(line);
  say();
  return say(table(['AT (UTC)', 'WHAT', 'BY', ''], log.map(entryRow)));
};

const entryRow = ({ at, kind, by, attempt, text }: Entry): readonly Cell[] => [
  { text: instantText(at), colour: 'grey' },
  { text: attempt > 1 ? `${kind} (${attempt})` : kind },
  textCell(by, 30),
  textCell(text, 140),
];

type Acted = { readonly path: string; readonly said: (one: Detail) => string };

const act = async (id: string, options: OneOptions, acted: (whole: string) => Acted): Promise<void> => {
  const whole = await wholeId(id, options);
  const { path, said } = acted(whole);
  const body = options.comment === undefined ? {} : { comment: options.comment };
  const one = await aboutOne(id, () => connect(options).request<Detail>('POST', path, { body, once: true }));
  if (options.json) return sayJson(one);
  return say(said(one));
};

export const cancelRemediation = (id: string, options: OneOptions): Promise<void> =>
  act(id, options, (whole) => ({
    path: `${remediationsPath}/${whole}/cancel`,
    said: ({ title }) => `${printable(title)} is cancelled: nothing was changed.`,
  }));

export const approvePlan = (hash: string, options: OneOptions): Promise<void> =>
  act(hash, options, (whole) => ({
    path: `${plansPath}/${whole}/approve`,
    said: ({ title, status, reason }) =>
      status === 'waiting'
        ? `Noted. ${printable(reason)}.`
        : `${printable(title)}: ${printable(reason)}. ${nextOf(shortOf(whole), status)}`,
  }));

export const rejectPlan = (hash: string, options: OneOptions): Promise<void> =>
  act(hash, options, (whole) => ({
    path: `${plansPath}/${whole}/reject`,
    said: ({ title }) => `${printable(title)}: rejected, and nothing is changed.`,
  }));

type Planned = {
  readonly planHash: string;
  readonly remediationId: string | null;
  readonly status: string | null;
  readonly plan: ShownPlan;
};

/** Says what was planned, and what is to be done now. */
export const sayPlanned = ({ planHash, status, plan }: Planned): void => {
  for (const line of planLines(plan)) say(line);
  say();
  say(nextOf(planHash.slice(0, 12), status));
};

const nextOf = (id: string, status: string | null): string => {
  if (status === null) return 'Nothing was kept and nothing starts: this was a dry run.';
  if (status === 'waiting') return `It waits for approval: «homeostat plans approve ${id}», or plans reject.`;
  return `It is ${status.replace('_', ' ')}. «homeostat remediations show ${id}» tells how it goes.`;
};

export const undoRemediation = async (id: string, options: OneOptions): Promise<void> => {
  const whole = await wholeId(id, options);
  const body = options.dryRun ? { dryRun: true } : {};
  const planned = await aboutOne(id, () =>
    connect(options).request<Planned>('POST', `${remediationsPath}/${whole}/undo`, { body, once: true }),
  );
  return options.json ? sayJson(planned) : sayPlanned(planned);
};

export type RemediateOptions = ConnectionOptions & {
  readonly resource?: string;
  readonly kind?: string;
  readonly param?: readonly string[];
  readonly approve?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

/** `desired=4` → a number, `drain=true` → a boolean, everything else a text. */
const paramIn = (text: string): readonly [string, string | number | boolean] => {
  const at = text.indexOf('=');
  if (at < 1)
    throw new CommandError(`«${printable(text)}» is no parameter: write name=value, such as desired=4.`);
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
};

export const remediate = async (
  deployment: string,
  action: string,
  { resource, kind, param = [], approve = false, dryRun = false, json, ...connection }: RemediateOptions,
): Promise<void> => {
  const params = Object.fromEntries(param.map(paramIn));
  const body = {
    action,
    approve,
    dryRun,
    ...(resource !== undefined && { resource }),
    ...(kind !== undefined && { kind }),
    ...(param.length > 0 && { params }),
  };
  const path = `/api/monitoring/remediate/${encodeURIComponent(deployment)}`;
  const planned = await connect(connection).request<Planned>('POST', path, { body, once: true });
  return json ? sayJson(planned) : sayPlanned(planned);
};
