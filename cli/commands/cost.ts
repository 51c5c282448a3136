import { checksPath, loadConfiguration } from '../../shared/configuration/index.ts';
import {
  type CheckView,
  costedCheck,
  idleStackUsd,
  type MonthlyCost,
  monthlyCostOf,
} from '../../shared/health/api.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { say, sayJson, table } from '../output.ts';
import { isRunning } from './check-row.ts';
import { filesFrom, plural } from './validate.ts';

export type CostOptions = ConnectionOptions & {
  readonly file?: readonly string[];
  readonly json?: boolean;
};

type Costed = Parameters<typeof costedCheck>[0];

/** Of the files when some are named, else of what the API holds. Arithmetic on list prices: nothing is asked of AWS. */
export const cost = async (options: CostOptions): Promise<void> => {
  const checks = await costedChecks(options);
  const all = monthlyCostOf(checks.map(costedCheck));
  if (options.json) return sayJson({ checks: checks.length, idleStackUsd, ...all });
  const groups = Map.groupBy(checks, (check) => `${check.type} every ${everyText(check.intervalSeconds)}`);
  const rows = [...groups].map(([name, group]) => {
    const { totalUsd, looks } = monthlyCostOf(group.map(costedCheck));
    return [
      { text: String(group.length) },
      { text: name },
      { text: looks.toLocaleString('en') },
      { text: usd(totalUsd) },
    ];
  });
  if (rows.length > 0) say(`${table(['CHECKS', 'KIND', 'LOOKS A MONTH', 'ALONE, USD'], rows)}\n`);
  say(costText(checks.length, all));
  say(`The stack itself, watching nothing: about ${usd(idleStackUsd)} USD a month.`);
  say(
    'List prices of us-east-1 without free tiers, measured slots, targets that answer; a target that hangs costs its timeout.',
  );
};

const costedChecks = async (options: CostOptions): Promise<readonly Costed[]> => {
  if (options.file === undefined) {
    const views = await connect(options).list<CheckView>(checksPath);
    return views.filter(isRunning).map((view) => ({ ...view, intervalSeconds: view.interval }));
  }
  const { configuration } = await loadConfiguration(filesFrom(options.file));
  return configuration.checks.filter((check) => check.isActive);
};

/** `3 checks cost about 0.21 USD a month in AWS; CloudWatch Synthetics lists 155.52 for as many looks.` */
export const costText = (count: number, { totalUsd, syntheticsUsd }: MonthlyCost): string =>
  `${plural(count, 'check')} ${count === 1 ? 'costs' : 'cost'} about ${usd(totalUsd)} USD a month in AWS; ` +
  `CloudWatch Synthetics lists ${usd(syntheticsUsd)} for as many looks.`;

const usd = (amount: number): string =>
  amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const everyText = (seconds: number): string => {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
};
