import { stringify } from 'yaml';
import { deploymentDefinitionSchema } from '../catalog/api.ts';
import { defaultDeploymentId } from '../catalog/index.ts';
import { checkDefinitionSchema, resolveDefinition } from '../health/api.ts';
import { type CheckFields, type Defined, definedCheck } from './definition.ts';
import { channelInFile, maintenanceInFile, ruleInFile, settingsInFile } from './export-alerting.ts';
import { pageInFile } from './export-pages.ts';
import { policyInFile, scalerInFile } from './export-remedies.ts';
import { durationText, type Fields, isMap, withoutDefaults, withoutInnerDefaults } from './lean.ts';
import { settingsForFiles } from './settings.ts';
import { escapeSubstitution } from './substitute.ts';

type DefinitionOf<K extends Defined['kind']> = Extract<Defined, { kind: K }>['definition'];

/** What identifies a check, and its interval: there whatever the defaults are when the file is read again. */
const alwaysWritten: readonly string[] = ['deploymentId', 'name', 'type', 'target', 'interval'];

/**
 * A configuration file that describes the objects. What equals its default is left out; applying the file to where
 * the objects came from changes nothing.
 */
export const exportYaml = (objects: readonly Defined[]): string => {
  const definitions = <K extends Defined['kind']>(kind: K): DefinitionOf<K>[] =>
    objects
      .filter((object) => object.kind === kind)
      .sort((left, right) => (kind === 'deployment' ? 0 : left.name.localeCompare(right.name)))
      .map(({ definition }) => definition as DefinitionOf<K>);
  const deployments = definitions('deployment');
  const checks = definitions('check').map(checkInFile);
  const rules = definitions('rule').map(ruleInFile);
  const scalers = definitions('scaler').map(scalerInFile);
  const registered = new Set<unknown>(deployments.map(({ deploymentId }) => deploymentId));
  const [alerting] = definitions('alerting').map(settingsInFile);
  const outside = (all: readonly Fields[]): readonly Fields[] =>
    all.filter(({ deploymentId }) => !registered.has(deploymentId)).map(withoutDefaultDeployment);
  const content = {
    ...listed(
      'deployments',
      deployments.map((deployment) =>
        deploymentInFile(deployment, { checks, alerts: rules, scaling: scalers }),
      ),
    ),
    ...listed('checks', outside(checks)),
    ...listed('alerts', outside(rules)),
    ...listed('channels', definitions('channel').map(channelInFile)),
    ...listed('maintenance', definitions('maintenance').map(maintenanceInFile)),
    ...listed('policies', definitions('policy').map(policyInFile)),
    ...listed(
      'scaling',
      scalers.filter(({ deploymentId }) => !registered.has(deploymentId)),
    ),
    ...listed('statusPages', definitions('statusPage').map(pageInFile)),
    ...(alerting && Object.keys(alerting).length > 0 && { alerting }),
  };
  return Object.keys(content).length > 0 ? stringify(escaped(content), { lineWidth: 0 }) : '{}\n';
};

const listed = (name: string, all: readonly Fields[]): Fields => (all.length > 0 ? { [name]: all } : {});

const deploymentInFile = (
  { deploymentId, ...fields }: DefinitionOf<'deployment'>,
  inside: Readonly<Record<'checks' | 'alerts' | 'scaling', readonly Fields[]>>,
): Fields => {
  const own = (all: readonly Fields[]): readonly Fields[] =>
    all.filter((one) => one.deploymentId === deploymentId).map(({ deploymentId: _around, ...rest }) => rest);
  return {
    id: deploymentId,
    ...withoutDefaults(fields, (less) => deploymentDefinitionSchema.parse({ deploymentId, ...less })),
    ...listed('checks', own(inside.checks)),
    ...listed('alerts', own(inside.alerts)),
    ...listed('scaling', own(inside.scaling)),
  };
};

const withoutDefaultDeployment = (fields: Fields): Fields => {
  if (fields.deploymentId !== defaultDeploymentId) return fields;
  const { deploymentId: _default, ...rest } = fields;
  return rest;
};

const checkInFile = (check: CheckFields): Fields => {
  const settings = settingsForFiles(check.interval);
  const resolve = (fields: Fields) =>
    definedCheck(resolveDefinition(checkDefinitionSchema.parse(fields), settings)).definition;
  const lean = withoutInnerDefaults(withoutDefaults({ ...check }, resolve, alwaysWritten), 'config', resolve);
  return {
    ...lean,
    interval: durationText(check.interval),
    ...('timeout' in lean && { timeout: durationText(check.timeout) }),
  };
};

const escaped = (value: unknown): unknown => {
  if (typeof value === 'string') return escapeSubstitution(value);
  if (Array.isArray(value)) return value.map(escaped);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, escaped(held)]));
};
