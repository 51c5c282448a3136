import {
  asBuiltin,
  builtinOf,
  resolveRule,
  ruleDefinitionSchema,
  type WrittenRule,
  writtenRuleOf,
} from '../alerting/api.ts';
import { ruleIdOf } from '../alerting/index.ts';
import {
  alertingSchema,
  maintenanceSchema,
  type WrittenMaintenance,
  type WrittenSettings,
} from '../incidents/api.ts';
import {
  channelDefinitionSchema,
  resolveChannel,
  type WrittenChannel,
  writtenChannelOf,
} from '../notifications/api.ts';
import { type Fields, isMap, withDurations, withoutDefaults, withoutInnerDefaults } from './lean.ts';
import { channelSettingsForFiles } from './settings.ts';

const steps = (escalation: unknown): unknown =>
  Array.isArray(escalation)
    ? escalation.map((step) => (isMap(step) ? withDurations(step, ['after']) : step))
    : escalation;

const withSteps = (fields: Fields): Fields =>
  'escalation' in fields ? { ...fields, escalation: steps(fields.escalation) } : fields;

const resolveRuleFields = (fields: Fields): unknown => {
  const rule = resolveRule(ruleDefinitionSchema.parse(fields));
  return writtenRuleOf(asBuiltin(builtinOf(ruleIdOf(rule.deploymentId, rule.name)), rule));
};

/** A rule as a file says it. One of all deployments says so with a star. */
export const ruleInFile = ({ deploymentId, ...rule }: WrittenRule): Fields => {
  const named = { deploymentId: deploymentId ?? '*', ...rule };
  const lean = withoutDefaults(named, resolveRuleFields, ['deploymentId', 'name', 'type']);
  const inner = withoutInnerDefaults(lean, 'condition', resolveRuleFields);
  return withSteps(withDurations(inner, ['for', 'keepFiringFor', 'cooldown']));
};

const resolveChannelFields = (fields: Fields): unknown =>
  writtenChannelOf(resolveChannel(channelDefinitionSchema.parse(fields), channelSettingsForFiles));

export const channelInFile = (channel: WrittenChannel): Fields => {
  const lean = withoutDefaults({ ...channel }, resolveChannelFields, ['name', 'type']);
  return withoutInnerDefaults(lean, 'config', resolveChannelFields);
};

export const maintenanceInFile = ({ windows, ...maintenance }: WrittenMaintenance): Fields => {
  const given = {
    ...maintenance,
    windows: windows.map((window) => withDurations({ ...window }, ['duration'])),
  };
  return withoutDefaults(given, (fields) => maintenanceSchema.parse(fields), ['name', 'matchers', 'windows']);
};

export const settingsInFile = (settings: WrittenSettings): Fields => {
  const resolve = (fields: Fields): unknown => alertingSchema.parse(fields);
  const lean = withoutInnerDefaults(withoutDefaults({ ...settings }, resolve), 'digest', resolve);
  return withSteps(withDurations(lean, ['groupWait', 'groupInterval', 'repeatInterval']));
};
