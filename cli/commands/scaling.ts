import { type Configuration, loadConfiguration } from '../../shared/configuration/index.ts';
import { type WrittenScaler, writtenScalerOf } from '../../shared/scaling/api.ts';
import type { DryRunPoint } from '../../shared/scaling/dry-run.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { type Cell, paint, printable, say, sayJson, table } from '../output.ts';
import { instantText, textCell } from './columns.ts';
import { filesFrom, plural } from './validate.ts';

const scalingPath = '/api/v1/monitoring/scaling';

type View = WrittenScaler & { readonly id: string; readonly managedBy: string };
type Point = Omit<DryRunPoint, 'at'> & { readonly at: string };
type DryRun = { readonly stepSeconds: number; readonly points: readonly Point[] };

export type ListOptions = ConnectionOptions & { readonly deployment?: string; readonly json?: boolean };

/** The scaling rules within reach. */
export const listScaling = async ({ deployment, json, ...connection }: ListOptions): Promise<void> => {
  const rules = await connect(connection).list<View>(scalingPath, { deploymentId: deployment });
  if (json) return sayJson(rules);
  if (rules.length === 0) return say('There are no scaling rules.');
  say(table(['DEPLOYMENT', 'NAME', 'SCALES', 'FROM–TO', 'BY', 'OWNER', ''], rules.map(rowOf)));
  return say(
    `\n${plural(rules.length, 'scaling rule')}. «homeostat scaling dry-run <name>» tells what one would have done.`,
  );
};

const rowOf = (rule: View): readonly Cell[] => [
  textCell(rule.deploymentId, 30),
  textCell(rule.name, 40),
  textCell(`${rule.target.resource} (${rule.target.kind})`, 50),
  { text: `${rule.min}–${rule.max}` },
  textCell(goalOf(rule), 60),
  { text: rule.managedBy },
  rule.isActive ? { text: '' } : { text: 'off', colour: 'grey' },
];

const goalOf = (rule: WrittenScaler): string => {
  const value = `${rule.aggregate} of ${rule.series}`;
  return 'targetValue' in rule
    ? `${value} at ${rule.targetValue}`
    : `${value} in ${plural(rule.steps?.length ?? 0, 'step')}`;
};

export type DryRunOptions = ConnectionOptions & {
  readonly deployment?: string;
  readonly file?: readonly string[];
  readonly hours?: string;
  readonly startCount?: string;
  readonly json?: boolean;
};

/** The rule that is meant: by name, `deployment/name` or id. */
const chosen = <R extends WrittenScaler & { readonly id?: string }>(
  rules: readonly R[],
  given: string,
  deployment: string | undefined,
): R => {
  const found = rules.filter(
    (rule) =>
      (deployment === undefined || rule.deploymentId === deployment) &&
      [rule.id, rule.name, `${rule.deploymentId}/${rule.name}`].includes(given),
  );
  const [only] = found;
  if (found.length > 1) {
    const names = found.map((rule) => printable(`${rule.deploymentId}/${rule.name}`));
    throw new CommandError(
      `Several scaling rules are called so: ${names.join(', ')}. Give one of these names.`,
    );
  }
  if (!only)
    throw new CommandError(
      `There is no scaling rule ${printable(given)}. «homeostat scaling» lists them; -f takes one of a file.`,
    );
  return only;
};

const inFiles = ({ scalers }: Configuration): readonly WrittenScaler[] => scalers.map(writtenScalerOf);

/** The definition alone: what the API adds to it is no part of a request. */
const definitionIn = ({ id: _id, managedBy: _owner, ...view }: View): object => {
  const {
    revision: _revision,
    createdAt: _created,
    updatedAt: _updated,
    ...definition
  } = view as object as Record<string, unknown>;
  return definition;
};

/** What a rule, of the API or of a file, would have done over the last hours: a small chart, and each change with its reason. */
export const dryRunScaling = async (name: string, options: DryRunOptions): Promise<void> => {
  const { deployment, file, hours = '6', startCount, json } = options;
  const client = connect(options);
  const rule = file
    ? chosen(inFiles((await loadConfiguration(filesFrom(file))).configuration), name, deployment)
    : chosen(await client.list<View>(scalingPath, { deploymentId: deployment }), name, deployment);
  const body = {
    rule: 'id' in rule ? definitionIn(rule as View) : rule,
    hours: Number(hours),
    ...(startCount !== undefined && { startCount: Number(startCount) }),
  };
  const ran = await client.request<DryRun>('POST', `${scalingPath}/dry-run`, { body });
  if (json) return sayJson(ran);
  say(
    paint('bold', printable(`${rule.deploymentId}/${rule.name}`)) +
      `: the last ${plural(Number(hours), 'hour')}`,
  );
  for (const line of chartOf(ran.points)) say(line);
  const changes = ran.points.filter(({ change }) => change !== 'none');
  if (changes.length === 0)
    return say(
      `\nIt would have changed nothing: ${printable(ran.points.at(-1)?.reason ?? 'there is nothing to see')}.`,
    );
  say();
  say(table(['AT (UTC)', 'COUNT', 'WHY'], changes.slice(-mostChanges).map(changeRow)));
  if (changes.length > mostChanges) say(`… and ${changes.length - mostChanges} before; all are in --json.`);
};

const mostChanges = 20;
const changeRow = ({ at, desired, change, reason }: Point): readonly Cell[] => [
  { text: instantText(at), colour: 'grey' },
  { text: String(desired), colour: change === 'out' ? 'yellow' : 'green' },
  textCell(reason, 120),
];

const width = 60;
const levels = ' ▁▂▃▄▅▆▇█';

/** The most of each part of the time: of hours in a terminal's width, peaks must not be lost. */
const columnsOf = (values: readonly (number | null)[]): readonly (number | null)[] => {
  const columns = Math.min(width, values.length);
  return Array.from({ length: columns }, (_, no) => {
    const part = values.slice(
      Math.floor((no * values.length) / columns),
      Math.floor(((no + 1) * values.length) / columns),
    );
    return part.reduce((most, value) => (value === null ? most : Math.max(most ?? value, value)), null);
  });
};

/** Nothing stands for no value; whatever is more than nothing has at least the lowest bar. */
const barsOf = (values: readonly (number | null)[], most: number): string =>
  values
    .map((value) => {
      if (value === null) return ' ';
      const level = most <= 0 ? 1 : Math.ceil((Math.max(0, value) / most) * (levels.length - 1));
      return levels[Math.max(1, level)] ?? ' ';
    })
    .join('');

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

export const chartOf = (points: readonly Point[]): readonly string[] => {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return [];
  const values = columnsOf(points.map(({ value }) => value));
  const counts = columnsOf(points.map(({ desired }) => desired));
  const [mostValue, mostCount] = [mostOf(values), mostOf(counts)];
  const from = instantText(first.at).slice(0, 16);
  const until = instantText(last.at).slice(0, 16);
  const seen = values.some((value) => value !== null);
  return [
    `  value  ${barsOf(values, mostValue)}  ${seen ? `up to ${rounded(mostValue)}` : 'no point in all this time'}`,
    `  count  ${barsOf(counts, mostCount)}  up to ${mostCount}`,
    `         ${from}${' '.repeat(Math.max(1, values.length - from.length - until.length))}${until} UTC`,
  ];
};

const mostOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
