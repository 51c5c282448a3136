import {
  type Convergence,
  converge,
  type Defined,
  type FieldChange,
  heldText,
  isEmpty,
  loadConfiguration,
  madeIn,
  refusalText,
} from '../../shared/configuration/index.ts';
import { costedCheck, monthlyCostOf } from '../../shared/health/api.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { exitCodes } from '../failure.ts';
import { paint, printable, say, sayAside, showProgress } from '../output.ts';
import { costText } from './cost.ts';
import { filesFrom, laterNote, plural } from './validate.ts';

export type ApplyOptions = ConnectionOptions & {
  readonly file?: readonly string[];
  readonly dryRun?: boolean;
  readonly prune?: boolean;
};

export const apply = async (options: ApplyOptions): Promise<void> => {
  const { dryRun = false, prune = false } = options;
  const { configuration } = await loadConfiguration(filesFrom(options.file));
  const convergence = await converge(connect(options), configuration, {
    dryRun,
    prune,
    ...(!dryRun && { onProgress: showProgress }),
  });
  for (const line of linesFor(convergence, prune)) say(line);
  say(summaryOf(convergence, { dryRun, prune }));
  const running = configuration.checks.filter((check) => check.isActive).map(costedCheck);
  if (running.length > 0) say(costText(running.length, monthlyCostOf(running)));
  const note = laterNote(configuration);
  if (note) say(note);
  for (const refusal of convergence.refused) {
    for (const line of refusalText(refusal).split('\n')) sayAside(paint('red', printable(line)));
  }
  const held = heldText(convergence);
  if (held) sayAside(held);
  process.exitCode = exitCodeOf(convergence, { dryRun, prune });
};

const exitCodeOf = (
  { difference, refused }: Convergence,
  { dryRun, prune }: { dryRun: boolean; prune: boolean },
): number => {
  if (refused.length > 0 || difference.conflicts.length > 0) return exitCodes.failed;
  return dryRun && !isEmpty(difference, prune) ? exitCodes.different : exitCodes.done;
};

const titleOf = ({ kind, name }: Defined): string => `${kind} ${printable(name)}`;

/** What was refused is told apart, with its reason. */
const linesFor = (convergence: Convergence, prune: boolean): readonly string[] => {
  const difference = madeIn(convergence);
  return [
    ...difference.created.flatMap((object) => [
      paint('green', `+ ${titleOf(object)}`),
      ...detailsOf(object).map((detail) => `    ${printable(detail)}`),
    ]),
    ...difference.updated.flatMap((object) => [
      paint('yellow', `~ ${titleOf(object)}`),
      ...object.fields.map(fieldLine),
    ]),
    ...(prune ? difference.removed : []).map((object) => paint('red', `- ${titleOf(object)}`)),
    ...difference.conflicts.flatMap((object) => [
      paint('red', `! ${titleOf(object)} is managed over the API; change it there, or remove it there first`),
      ...object.fields.map(fieldLine),
    ]),
  ];
};

/** What a new thing is, in a few words. */
const detailsOf = ({ kind, definition }: Defined): readonly string[] => {
  if (kind === 'check') return [`${definition.type} ${definition.target}`];
  if (kind === 'rule') return [`${definition.type}, ${definition.severity}`];
  if (kind === 'channel') return [definition.type];
  if (kind === 'scaler') return [`${definition.target.resource}, ${definition.min} to ${definition.max}`];
  if (kind === 'statusPage')
    return [`/status/${definition.slug}, ${plural(definition.groups.length, 'group')}`];
  return kind === 'maintenance' ? [definition.matchers.join(', ')] : [];
};

const fieldLine = ({ path, from, to }: FieldChange): string =>
  `    ${printable(path)}: ${paint('red', valueText(from))} → ${paint('green', valueText(to))}`;

/** A logo inside its own address has tens of thousands of characters. */
const mostShown = 500;

const valueText = (value: unknown): string => {
  if (value === undefined) return 'not there';
  const text = printable(JSON.stringify(value));
  return text.length > mostShown ? `${text.slice(0, mostShown)}… (${text.length} characters)` : text;
};

const summaryOf = (
  convergence: Convergence,
  { dryRun, prune }: { dryRun: boolean; prune: boolean },
): string => {
  const { created, updated, removed, unchanged, conflicts } = madeIn(convergence);
  const { refused } = convergence;
  const counts = [
    `${created.length} ${dryRun ? 'to create' : 'created'}`,
    `${updated.length} ${dryRun ? 'to update' : 'updated'}`,
    ...(prune ? [`${removed.length} ${dryRun ? 'to remove' : 'removed'}`] : []),
    `${unchanged.length} unchanged`,
    ...(conflicts.length > 0 ? [plural(conflicts.length, 'conflict')] : []),
    ...(refused.length > 0 ? [`${refused.length} refused`] : []),
  ];
  const kept =
    !prune && removed.length > 0
      ? ` ${removed.length} no longer in the file ${removed.length === 1 ? 'stays' : 'stay'}; --prune removes ${removed.length === 1 ? 'it' : 'them'}.`
      : '';
  return `${counts.join(', ')}.${kept}`;
};
