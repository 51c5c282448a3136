import { loadChannels } from '../notifications/index.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { Table } from '../storage/table.ts';
import { rulesFor } from './registry.ts';
import { type RuleDefinition, ruleIdOf } from './rule.ts';
import { circleIn, memberNames } from './types/composite.ts';

export type SoundRuleWorld = {
  readonly state: Pick<Table, 'query'>;
  readonly setting: (name: 'teamFunctionArns') => string;
};

/** What a rule may name. `apply` gives it as it will be once all of its changes are made. */
export type RuleSurroundings = {
  /** Names and ids of channels that are there. */
  readonly channels: ReadonlySet<string>;
  /** Rules of the same scope; the rule itself may be among them, or an older version of it. */
  readonly rules: readonly RuleDefinition[];
};

/**
 * Whether what a rule names is there: its channels, the rules of a composite (and no circle among them), the team's
 * function. A check that a selector names may come later. Throws ALERT_ERROR naming each field.
 */
export const requireSoundRule = async (
  world: SoundRuleWorld,
  definition: RuleDefinition,
  given?: RuleSurroundings,
): Promise<void> => {
  const named = channelNamesIn(definition);
  const channels =
    given?.channels ?? (named.length === 0 ? new Set<string>() : await channelsThere(world.state));
  const rules =
    given?.rules ?? (definition.type === 'composite' ? await definitionsBeside(world.state, definition) : []);
  const faults = [
    ...channelFaults(named, channels),
    ...functionFaults(definition, world.setting('teamFunctionArns')),
    ...memberFaults(definition, rules),
  ];
  if (faults.length > 0)
    throw new DomainError('ALERT_ERROR', 'The rule names something that is not there.', faults);
};

/** Names and ids, for a rule may say either. */
export const channelsThere = async (state: Pick<Table, 'query'>): Promise<ReadonlySet<string>> =>
  new Set((await loadChannels(state)).flatMap(({ id, definition }) => [id, definition.name]));

const definitionsBeside = async (
  state: Pick<Table, 'query'>,
  { deploymentId }: RuleDefinition,
): Promise<readonly RuleDefinition[]> =>
  (await rulesFor(state, deploymentId)).map((record) => record.definition);

type Named = readonly [path: string, name: string];

/** Each channel that a definition names, with where. */
export const channelNamesIn = ({
  channels,
  escalation,
  condition,
}: Pick<RuleDefinition, 'channels' | 'condition'> & {
  readonly escalation: readonly { readonly channels: readonly string[] }[];
}): readonly Named[] => [
  ...namedAt('channels', channels),
  ...escalation.flatMap((step, at) => namedAt(`escalation[${at}].channels`, step.channels)),
  ...thresholdsIn(condition).flatMap((threshold, at) =>
    namedAt(`condition.thresholds[${at}].channels`, threshold.channels ?? []),
  ),
];

const namedAt = (path: string, names: readonly string[]): readonly Named[] =>
  names.map((name, at) => [`${path}[${at}]`, name]);

/** Every type that knows thresholds calls them so. */
const thresholdsIn = ({
  thresholds,
}: RuleDefinition['condition']): readonly { readonly channels?: readonly string[] }[] =>
  Array.isArray(thresholds) ? thresholds : [];

const channelFaults = (named: readonly Named[], channels: ReadonlySet<string>): readonly FieldFault[] =>
  named
    .filter(([, name]) => !channels.has(name))
    .map(([path]) => ({
      path,
      message:
        'There is no channel of this name or id: make it first with POST /api/v1/monitoring/channels, or name one that GET /api/v1/monitoring/channels lists.',
    }));

const functionFaults = (
  { type, condition }: RuleDefinition,
  teamFunctionArns: string,
): readonly FieldFault[] => {
  if (type !== 'custom' || typeof condition.function !== 'string') return [];
  const listed = teamFunctionArns.split(',').map((one) => one.trim());
  if (listed.includes('*') || listed.includes(condition.function)) return [];
  return [
    {
      path: 'condition.function',
      message:
        "This stack was not deployed with that function: add its ARN to `checkFunctions` in the stack's configuration and deploy.",
    },
  ];
};

const memberFaults = (
  definition: RuleDefinition,
  rules: readonly RuleDefinition[],
): readonly FieldFault[] => {
  if (definition.type !== 'composite') return [];
  const own = ruleIdOf(definition.deploymentId, definition.name);
  const others = rules.filter(({ deploymentId, name }) => ruleIdOf(deploymentId, name) !== own);
  const there = new Set(others.map(({ name }) => name));
  const missing = memberNames(definition).filter((name) => name !== definition.name && !there.has(name));
  const scope = definition.deploymentId === null ? 'for all deployments' : 'in the same deployment';
  if (missing.length > 0) {
    const message = `Name rules that are there ${scope}; ${missing.length === 1 ? 'one of these is' : `${missing.length} of these are`} not.`;
    return [{ path: 'condition', message }];
  }
  const circle = circleIn([definition, ...others]);
  if (!circle?.includes(definition.name)) return [];
  return [{ path: 'condition', message: `This closes a circle: ${circle.join(' → ')}.` }];
};
