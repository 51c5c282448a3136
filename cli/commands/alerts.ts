import type { WrittenRule } from '../../shared/alerting/api.ts';
import type { ApiClient } from '../../shared/configuration/index.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { type Cell, printable, say, sayAside, sayJson, table } from '../output.ts';
import { ago, instantText, type Severity, severityCell, spanText, textCell } from './columns.ts';
import { plural } from './validate.ts';

const alertsPath = '/api/v1/monitoring/alerts';

type Rule = WrittenRule & {
  readonly id: string;
  readonly managedBy: string;
  readonly lastTriggered: string | null;
};

export type AlertOptions = ConnectionOptions & { readonly deployment?: string; readonly json?: boolean };

const titleOf = ({ deploymentId, name }: Rule): string => `${deploymentId ?? '*'}/${name}`;

const readRules = (client: ApiClient, deploymentId: string | undefined): Promise<Rule[]> =>
  client.list<Rule>(alertsPath, { deploymentId });

export const listRules = async (options: AlertOptions): Promise<void> => {
  const rules = (await readRules(connect(options), options.deployment)).sort((left, right) =>
    titleOf(left).localeCompare(titleOf(right)),
  );
  if (options.json) return sayJson(rules);
  if (rules.length === 0) return say('There are no rules of this deployment alone.');
  const now = Date.now();
  const headings = ['RULE', 'TYPE', 'SEVERITY', 'CHANNELS', 'MANAGED BY', 'LAST FIRED', 'STATE'];
  return say(
    table(
      headings,
      rules.map((rule) => ruleRow(rule, now)),
    ),
  );
};

const ruleRow = (rule: Rule, now: number): readonly Cell[] => [
  textCell(titleOf(rule), 50),
  { text: rule.type },
  severityCell(rule.severity),
  textCell(rule.channels.join(', ') || '–', 40),
  { text: rule.managedBy },
  { text: rule.lastTriggered === null ? 'never' : ago(rule.lastTriggered, now) },
  rule.isActive ? { text: 'active', colour: 'green' } : { text: 'off', colour: 'grey' },
];

type Event = {
  readonly ruleName: string;
  readonly subject: { readonly name: string };
  readonly deploymentId: string | null;
  readonly state: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly reason: string;
  readonly firedAt: string;
  readonly duration: number | null;
  readonly incidentId: string | null;
};

export type EventOptions = AlertOptions & { readonly firing?: boolean; readonly limit: string };

/** What fired in the last seven days, newest first. */
export const listEvents = async (options: EventOptions): Promise<void> => {
  const query = {
    deploymentId: options.deployment,
    limit: String(countFrom('--limit', options.limit, 200)),
    ...(options.firing && { state: 'firing' }),
  };
  const client = connect(options);
  const { items } = await client.request<{ items: Event[] }>('GET', `${alertsPath}/events`, { query });
  if (options.json) return sayJson(items);
  if (items.length === 0)
    return say(options.firing ? 'Nothing fires.' : 'Nothing fired in the last seven days.');
  const headings = ['FIRED (UTC)', 'STATE', 'FOR', 'SEVERITY', 'RULE', 'SUBJECT', 'INCIDENT', 'REASON'];
  return say(table(headings, items.map(eventRow)));
};

const eventRow = (event: Event): readonly Cell[] => [
  { text: instantText(event.firedAt) },
  { text: event.state, colour: event.state === 'firing' ? 'red' : 'green' },
  {
    text: spanText(event.duration === null ? Date.now() - Date.parse(event.firedAt) : event.duration * 1000),
  },
  severityCell(event.severity),
  textCell(event.ruleName, 40),
  textCell(event.subject.name, 40),
  { text: event.incidentId ?? '–' },
  textCell(event.reason, 100),
];

const countFrom = (option: string, text: string, most: number): number => {
  const count = Number(text);
  if (/^\d{1,4}$/.test(text) && count >= 1 && count <= most) return count;
  throw new CommandError(`Give ${option} a number from 1 to ${most}.`);
};

/** By id, by `deployment/name` (`*` for rules of all), or by a name that is there once. */
const findRule = async (client: ApiClient, given: string, deployment?: string): Promise<Rule> => {
  const found = (await readRules(client, deployment)).filter(
    (rule) => rule.id === given || rule.name === given || titleOf(rule) === given,
  );
  const [rule] = found;
  if (!rule)
    throw new CommandError(
      `There is no rule «${given}». «homeostat alerts list» shows what the token reaches.`,
    );
  if (found.length === 1) return rule;
  throw new CommandError(
    `There are several rules «${given}»: say which, ${found.map((one) => `«${titleOf(one)}»`).join(' or ')}.`,
  );
};

type Backtest = {
  readonly from: string;
  readonly to: string;
  readonly evaluations: number;
  readonly firings: number;
  readonly spans: readonly {
    readonly subject: { readonly name: string };
    readonly severity: Severity;
    readonly from: string;
    readonly to: string | null;
    readonly peak: number | null;
    readonly reason: string;
  }[];
  readonly isCut: boolean;
  readonly notes: readonly string[];
};

export type BacktestOptions = AlertOptions & { readonly days: string };

/** What a rule that is there would have done. Nothing is written and nobody is told. */
export const backtestRule = async (name: string, options: BacktestOptions): Promise<void> => {
  const days = countFrom('--days', options.days, 40);
  const client = connect(options);
  const rule = await findRule(client, name, options.deployment);
  const tested = await client.request<Backtest>('POST', `${alertsPath}/backtest`, {
    body: { ruleId: rule.id, days },
  });
  if (options.json) return sayJson(tested);
  const over = `between ${instantText(tested.from)} and ${instantText(tested.to)} UTC`;
  if (tested.firings === 0) say(`${printable(titleOf(rule))} would not have fired ${over}.`);
  else {
    say(table(['FROM (UTC)', 'FOR', 'SEVERITY', 'SUBJECT', 'PEAK', 'REASON'], tested.spans.map(spanRow)));
    say(`\n${printable(titleOf(rule))} would have fired ${plural(tested.firings, 'time')} ${over}.`);
    if (tested.isCut) say('Not all are listed: give fewer --days.');
  }
  for (const note of tested.notes) sayAside(printable(note));
};

const spanRow = ({
  subject,
  severity,
  from,
  to,
  peak,
  reason,
}: Backtest['spans'][number]): readonly Cell[] => [
  { text: instantText(from) },
  { text: to === null ? 'still' : spanText(Date.parse(to) - Date.parse(from)) },
  severityCell(severity),
  textCell(subject.name, 50),
  { text: peak === null ? '–' : String(Math.round(peak * 100) / 100) },
  textCell(reason, 120),
];

type Noise = {
  readonly rules: readonly {
    readonly ruleName: string;
    readonly incidents: number;
    readonly fired: number;
    readonly ignored: number;
    readonly shortLived: number;
    readonly flapping: number;
  }[];
  readonly isComplete: boolean;
};

/** Rules of the last 30 days whose incidents nobody acted on, the noisiest first. */
export const showNoise = async (options: AlertOptions): Promise<void> => {
  const query = { deploymentId: options.deployment };
  const noise = await connect(options).request<Noise>('GET', `${alertsPath}/noise`, { query });
  if (options.json) return sayJson(noise);
  if (noise.rules.length === 0)
    return say('There were no incidents in the last 30 days that nobody acted on.');
  const headings = ['RULE', 'INCIDENTS', 'IGNORED', 'SHORT-LIVED', 'FLAPPING', 'FIRED'];
  say(
    table(
      headings,
      noise.rules.map((rule) => [
        textCell(rule.ruleName, 50),
        ...[rule.incidents, rule.ignored, rule.shortLived, rule.flapping, rule.fired].map((count) => ({
          text: String(count),
        })),
      ]),
    ),
  );
  return say(
    '\nIgnored: over without anybody acting. Short-lived: over within five minutes; a longer «for» helps. Flapping: hysteresis («recovery») or a cooldown helps.',
  );
};
