import type * as z from 'zod';
import {
  asBuiltin,
  builtinOf,
  type RuleInput,
  resolveRule,
  ruleDefinitionSchema,
  ruleInDeploymentSchema,
} from '../alerting/api.ts';
import { type RuleDefinition, ruleIdOf } from '../alerting/index.ts';
import {
  alertingSchema,
  type MaintenanceDefinition,
  maintenanceSchema,
  resolveMaintenance,
  resolveSettings,
} from '../incidents/api.ts';
import type { AlertingSettings } from '../incidents/index.ts';
import { channelDefinitionSchema, resolveChannel } from '../notifications/api.ts';
import type { ChannelDefinition } from '../notifications/index.ts';
import { type Fields, isMap } from './lean.ts';
import type { FieldPath, Problem } from './problem.ts';
import { definitionReader, type Judging, type Placed } from './read-definitions.ts';
import { channelSettingsForFiles } from './settings.ts';
import { type LoadedFile, problemAt } from './tree.ts';

export type AlertingDefinitions = {
  readonly rules: readonly Placed<RuleDefinition>[];
  readonly channels: readonly Placed<ChannelDefinition>[];
  readonly maintenance: readonly Placed<MaintenanceDefinition>[];
  /** At most one a file. */
  readonly alerting: readonly Placed<AlertingSettings>[];
  readonly problems: readonly Problem[];
};

const judgeRule = (inside: string | undefined): Judging<RuleInput, RuleDefinition> => ({
  schema: inside === undefined ? ruleDefinitionSchema : (ruleInDeploymentSchema as z.ZodType<RuleInput>),
  resolve(input) {
    const rule = resolveRule(inside === undefined ? input : { ...input, deploymentId: inside });
    return asBuiltin(builtinOf(ruleIdOf(rule.deploymentId, rule.name)), rule);
  },
});

/** Rules, channels, maintenance and settings of one file, complete. What they name is for the stack to judge that they go to. */
export const alertingDefinitionsOf = async (file: LoadedFile): Promise<AlertingDefinitions> => {
  const { source, content } = file;
  const { read, readAll, problems } = definitionReader(file);
  const readRule = async (given: Fields, path: FieldPath, inside?: string) => {
    if (inside !== undefined && 'deploymentId' in given) {
      const message = 'Remove it: the deployment around the rule gives it.';
      problems.push(problemAt(source, [...path, 'deploymentId'], message, 'key'));
      return [];
    }
    const placed = await read(given, path, judgeRule(inside));
    return placed.map((one) => (file.enabled ? one : switchedOff(one)));
  };

  const rules: Placed<RuleDefinition>[] = [];
  for (const [index, { id, alerts }] of (content.deployments ?? []).entries()) {
    if (!Array.isArray(alerts)) continue;
    const inside = typeof id === 'string' ? id : 'default';
    const path = ['deployments', index, 'alerts'];
    rules.push(...(await readAll(alerts.filter(isMap), path, (given, at) => readRule(given, at, inside))));
  }
  rules.push(...(await readAll(content.alerts, ['alerts'], (given, at) => readRule(given, at))));
  return {
    rules,
    channels: await readAll(content.channels, ['channels'], (given, path) => read(given, path, judgeChannel)),
    maintenance: await readAll(content.maintenance, ['maintenance'], (given, path) =>
      read(given, path, judgeMaintenance),
    ),
    alerting: content.alerting ? await read(content.alerting, ['alerting'], judgeSettings) : [],
    problems,
  };
};

const judgeChannel: Judging<Parameters<typeof resolveChannel>[0], ChannelDefinition> = {
  schema: channelDefinitionSchema,
  resolve: (input) => resolveChannel(input, channelSettingsForFiles),
};
const judgeMaintenance: Judging<z.output<typeof maintenanceSchema>, MaintenanceDefinition> = {
  schema: maintenanceSchema,
  resolve: resolveMaintenance,
};
const judgeSettings: Judging<z.output<typeof alertingSchema>, AlertingSettings> = {
  schema: alertingSchema,
  resolve: resolveSettings,
};

/** `enabled: false` of a file is about what looks and judges; channels and settings may be others' as well. */
const switchedOff = ({ definition, ...place }: Placed<RuleDefinition>): Placed<RuleDefinition> => ({
  definition: { ...definition, isActive: false },
  ...place,
});
