import {
  asBuiltin,
  builtinOf,
  channelsThere,
  requireRuleReach,
  requireSoundRule,
  resolveRule,
  ruleDefinitionSchema,
  rulesFor,
} from '../alerting/api.ts';
import { type RuleDefinition, ruleIdOf } from '../alerting/index.ts';
import {
  alertingSchema,
  type MaintenanceDefinition,
  maintenanceSchema,
  requireMuteReach,
  requireSoundSettings,
  resolveMaintenance,
  resolveSettings,
} from '../incidents/api.ts';
import type { AlertingSettings } from '../incidents/index.ts';
import {
  type ChannelSettings,
  channelDefinitionSchema,
  requireSoundChannel,
  resolveChannel,
} from '../notifications/api.ts';
import { builtinChannelNames, type ChannelDefinition, channelIdOf } from '../notifications/index.ts';
import { type Reach, requireWholeReach } from '../platform/api/caller.ts';
import { parseFields } from '../platform/api/faults.ts';
import type { Parameters } from '../platform/aws/parameters.aws.ts';
import type { Table } from '../storage/table.ts';
import { isRemedyKind, type RemedyKind } from './judge-remedies.ts';
import type { Change, ChangeKind } from './model.ts';

type AlertingKind = Exclude<ChangeKind, 'deployment' | 'check' | 'statusPage' | RemedyKind>;
type AlertingChange =
  | (Extract<Change, { op: 'put' }> & { readonly kind: AlertingKind })
  | Extract<Change, { op: 'remove'; kind: AlertingKind }>;

export type AlertingPut =
  | { readonly op: 'put'; readonly kind: 'rule'; readonly definition: RuleDefinition }
  | { readonly op: 'put'; readonly kind: 'channel'; readonly definition: ChannelDefinition }
  | { readonly op: 'put'; readonly kind: 'maintenance'; readonly definition: MaintenanceDefinition }
  | { readonly op: 'put'; readonly kind: 'alerting'; readonly definition: AlertingSettings };
export type AlertingJudged = AlertingPut | Extract<Change, { op: 'remove'; kind: AlertingKind }>;

export type AlertingWorld = {
  readonly state: Pick<Table, 'get' | 'query'>;
  readonly checkSecrets: Pick<Parameters, 'list'>;
  readonly setting: (name: 'teamFunctionArns') => string;
};

export type AlertingJudgeOptions = {
  readonly reach: Reach;
  readonly channelSettings: ChannelSettings;
};

/** A change by itself: its definition, and whether the caller may make it. Throws DomainError. */
export const judgeAlertingAlone = async (
  change: AlertingChange,
  { reach, channelSettings }: AlertingJudgeOptions,
): Promise<AlertingJudged> => {
  if (change.kind === 'channel') requireWholeReach(reach, 'Channels belong');
  if (change.kind === 'alerting') requireWholeReach(reach, 'The alerting settings belong');
  if (change.op === 'remove') {
    if (change.kind === 'rule') requireRuleReach(reach, change.deploymentId);
    return change;
  }
  const { kind, definition } = change;
  if (kind === 'rule') {
    const given = resolveRule(parseFields(ruleDefinitionSchema, definition));
    requireRuleReach(reach, given.deploymentId);
    const builtin = builtinOf(ruleIdOf(given.deploymentId, given.name));
    return { op: 'put', kind, definition: asBuiltin(builtin, given) };
  }
  if (kind === 'channel') {
    const given = parseFields(channelDefinitionSchema, definition);
    return { op: 'put', kind, definition: resolveChannel(given, channelSettings) };
  }
  if (kind === 'alerting')
    return { op: 'put', kind, definition: await resolveSettings(parseFields(alertingSchema, definition)) };
  const maintenance = await resolveMaintenance(parseFields(maintenanceSchema, definition));
  requireMuteReach(reach, maintenance);
  return { op: 'put', kind, definition: maintenance };
};

/** What comes and goes with a request, as far as rules, channels and settings name it. */
type Planned = {
  readonly channels: readonly ChannelDefinition[];
  /** Names; a built-in channel stays when what replaced it goes. */
  readonly leavingChannels: readonly string[];
  readonly rules: readonly RuleDefinition[];
  /** Ids; the original of a built-in rule stays. */
  readonly leavingRules: ReadonlySet<string>;
};

type JudgedChange = { readonly op: 'put' | 'remove'; readonly kind: ChangeKind };

const isAlerting = (change: JudgedChange): change is AlertingJudged =>
  change.kind !== 'deployment' &&
  change.kind !== 'check' &&
  change.kind !== 'statusPage' &&
  !isRemedyKind(change.kind);

const plannedIn = (judged: readonly JudgedChange[]): Planned => {
  const changes = judged.filter(isAlerting);
  return {
    channels: changes.flatMap((one) => (one.op === 'put' && one.kind === 'channel' ? [one.definition] : [])),
    leavingChannels: changes.flatMap((one) =>
      one.op === 'remove' && one.kind === 'channel' && !builtinChannelNames.includes(one.name)
        ? [one.name]
        : [],
    ),
    rules: changes.flatMap((one) => (one.op === 'put' && one.kind === 'rule' ? [one.definition] : [])),
    leavingRules: new Set(
      changes
        .flatMap((one) =>
          one.op === 'remove' && one.kind === 'rule' ? [ruleIdOf(one.deploymentId, one.name)] : [],
        )
        .filter((id) => !builtinOf(id)),
    ),
  };
};

/** Judges what is put against what it names, as that will be when the whole request is done. Throws DomainError. */
export const alertingJudgeOf = (
  world: AlertingWorld,
  judged: readonly JudgedChange[],
  requireDeployment: (deploymentId: string, what: 'rule') => Promise<void>,
): ((put: AlertingPut) => Promise<void>) => {
  const planned = plannedIn(judged);
  const surroundings = surroundingsOf(world, planned);
  return async (put) => {
    if (put.kind === 'rule') {
      const { deploymentId } = put.definition;
      if (deploymentId !== null) await requireDeployment(deploymentId, 'rule');
      await requireSoundRule(world, put.definition, await surroundings(put.definition));
    } else if (put.kind === 'channel') {
      await requireSoundChannel(world, put.definition, {
        planned: planned.channels,
        leaving: planned.leavingChannels,
      });
    } else if (put.kind === 'alerting') {
      const coming = planned.channels.flatMap(({ name }) => [name, channelIdOf(name)]);
      await requireSoundSettings(world.state, put.definition, coming, planned.leavingChannels);
    }
  };
};

/** Channels are read once, and rules once a deployment that has a composite among those that are put. */
const surroundingsOf = (world: Pick<AlertingWorld, 'state'>, planned: Planned) => {
  const namesAndIds = (names: readonly string[]) => names.flatMap((name) => [name, channelIdOf(name)]);
  let channels: Promise<ReadonlySet<string>> | undefined;
  const readChannels = async (): Promise<ReadonlySet<string>> => {
    const there = new Set(await channelsThere(world.state));
    for (const one of namesAndIds(planned.leavingChannels)) there.delete(one);
    for (const one of namesAndIds(planned.channels.map(({ name }) => name))) there.add(one);
    return there;
  };
  const idOf = ({ deploymentId, name }: RuleDefinition) => ruleIdOf(deploymentId, name);
  const comingIds = new Set(planned.rules.map(idOf));
  const rules = new Map<string | null, Promise<readonly RuleDefinition[]>>();
  const readRules = async (home: string | null): Promise<readonly RuleDefinition[]> => [
    ...(await rulesFor(world.state, home))
      .filter(({ id }) => !comingIds.has(id) && !planned.leavingRules.has(id))
      .map(({ definition }) => definition),
    ...planned.rules.filter(({ deploymentId }) => deploymentId === home),
  ];
  return async ({ type, deploymentId }: RuleDefinition) => {
    channels ??= readChannels();
    if (type !== 'composite') return { channels: await channels, rules: [] };
    const beside = rules.get(deploymentId) ?? readRules(deploymentId);
    rules.set(deploymentId, beside);
    return { channels: await channels, rules: await beside };
  };
};
