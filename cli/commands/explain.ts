import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { type Cell, type Colour, paint, printable, say, sayJson, table } from '../output.ts';
import { instantText, textCell } from './columns.ts';

type Explanation = {
  readonly outcome: 'nothing' | 'held' | 'asks' | 'runs';
  readonly summary: string;
  readonly at: string;
  readonly decision: {
    readonly policy: { readonly name: string } | null;
    readonly section: string | null;
    readonly action: string | null;
    readonly approval: 'auto' | 'manual' | null;
    readonly reason: string;
  };
  readonly actions: readonly {
    readonly kind: string;
    readonly resource: { readonly name: string; readonly type: string; readonly id: string };
    readonly isDestructive: boolean;
  }[];
  readonly refused: string | null;
  readonly holds: readonly {
    readonly brake: string;
    readonly reason: string;
    readonly until: string | null;
  }[];
  readonly considered: readonly {
    readonly policy: { readonly name: string };
    readonly isMatch: boolean;
    readonly reason: string;
  }[];
};

export type ExplainOptions = ConnectionOptions & {
  readonly deployment?: string;
  readonly kind?: string;
  readonly resource?: string;
  readonly severity?: string;
  readonly tag?: readonly string[];
  readonly usage?: string;
  readonly at?: string;
  readonly json?: boolean;
};

const outcomeColours: Readonly<Record<Explanation['outcome'], Colour>> = {
  nothing: 'grey',
  held: 'red',
  asks: 'yellow',
  runs: 'green',
};

const tagsIn = (given: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new CommandError(`«${printable(text)}» is no tag: write name=value.`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );

const usageIn = (text: string): number => {
  const percent = Number(text.replace(/%$/, ''));
  if (text.trim() === '' || !(percent >= 0 && percent <= 100))
    throw new CommandError(`«${printable(text)}» is no use of a resource: give a percentage such as 85.`);
  return percent;
};

const bodyOf = (findingId: string | undefined, options: ExplainOptions): object => {
  const { kind, resource, severity, tag, usage, deployment, at } = options;
  const when = at === undefined ? {} : { at };
  if (findingId !== undefined) {
    if (kind !== undefined || resource !== undefined)
      throw new CommandError(
        'Give the id of a finding, or describe one with --kind and --resource, not both.',
      );
    return { findingId, ...when };
  }
  if (kind === undefined || resource === undefined) {
    throw new CommandError(
      'Give the id of a finding, or imagine one with --kind and --resource (and --deployment), such as: homeostat explain --deployment shop --kind unhealthy --resource web.',
    );
  }
  const finding = {
    kind,
    resource,
    ...(severity !== undefined && { severity }),
    ...(tag && { tags: tagsIn(tag) }),
    ...(usage !== undefined && { details: { usagePercent: usageIn(usage) } }),
  };
  return { finding, ...(deployment !== undefined && { deploymentId: deployment }), ...when };
};

/** What the policies would do about a finding, real or imagined, what holds it back, and why. */
export const explain = async (findingId: string | undefined, options: ExplainOptions): Promise<void> => {
  const body = bodyOf(findingId, options);
  const path = '/api/v1/monitoring/policies/explain';
  const told = await connect(options).request<Explanation>('POST', path, { body });
  if (options.json) return sayJson(told);
  const { outcome, summary, decision, actions, refused, holds, considered } = told;
  say(`${paint(outcomeColours[outcome], outcome)}  ${paint('bold', printable(summary))}`);
  say(`  ${printable(decision.reason)}`);
  for (const { kind, resource, isDestructive } of actions)
    say(
      `  ${kind} of ${printable(`${resource.name} (${resource.type} ${resource.id})`)}${isDestructive ? paint('red', ', cannot be taken back') : ''}`,
    );
  if (refused !== null) say(paint('red', `  ${printable(refused)}`));
  if (holds.length > 0) {
    say();
    say(table(['BRAKE', 'UNTIL (UTC)', 'WHY'], holds.map(holdRow)));
  }
  if (considered.length > 0) {
    say();
    say(table(['POLICY', 'SPEAKS OF IT', 'WHY'], considered.map(consideredRow)));
  }
};

const holdRow = ({ brake, reason, until }: Explanation['holds'][number]): readonly Cell[] => [
  { text: brake, colour: 'red' },
  { text: until === null ? '–' : instantText(until) },
  textCell(reason, 140),
];

const consideredRow = ({ policy, isMatch, reason }: Explanation['considered'][number]): readonly Cell[] => [
  textCell(policy.name, 40),
  { text: isMatch ? 'yes' : 'no', colour: isMatch ? 'green' : 'grey' },
  textCell(reason, 140),
];
