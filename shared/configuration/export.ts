import { stringify } from 'yaml';
import { deploymentDefinitionSchema } from '../catalog/api.ts';
import { defaultDeploymentId } from '../catalog/index.ts';
import { checkDefinitionSchema, resolveDefinition } from '../health/api.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import { type CheckFields, type Defined, definedCheck } from './definition.ts';
import { settingsForFiles } from './settings.ts';
import { escapeSubstitution } from './substitute.ts';

type Fields = Record<string, unknown>;

/** What identifies a check, and its interval: there whatever the defaults are when the file is read again. */
const alwaysWritten: readonly string[] = ['deploymentId', 'name', 'type', 'target', 'interval'];

/**
 * A configuration file that describes the objects. What equals its default is left out; applying the file to where
 * the objects came from changes nothing.
 */
export const exportYaml = (objects: readonly Defined[]): string => {
  const deployments = objects
    .filter((object) => object.kind === 'deployment')
    .map(({ definition }) => definition);
  const checks = objects
    .filter((object) => object.kind === 'check')
    .sort((left, right) => left.name.localeCompare(right.name))
    .map(({ definition }) => definition);
  const registered = new Set(deployments.map(({ deploymentId }) => deploymentId));
  const inside = deployments.map(({ deploymentId, ...fields }) => {
    const own = checks.filter((check) => check.deploymentId === deploymentId).map(checkInFile);
    return {
      id: deploymentId,
      ...withoutDefaults(fields, (less) => deploymentDefinitionSchema.parse({ deploymentId, ...less })),
      ...(own.length > 0 && { checks: own.map(({ deploymentId: _around, ...check }) => check) }),
    };
  });
  const outside = checks.filter(({ deploymentId }) => !registered.has(deploymentId)).map(checkInFile);
  const content = {
    ...(inside.length > 0 && { deployments: inside }),
    ...(outside.length > 0 && { checks: outside.map(withoutDefaultDeployment) }),
  };
  return Object.keys(content).length > 0 ? stringify(escaped(content), { lineWidth: 0 }) : '{}\n';
};

const withoutDefaultDeployment = (check: Fields): Fields => {
  if (check.deploymentId !== defaultDeploymentId) return check;
  const { deploymentId: _default, ...rest } = check;
  return rest;
};

const checkInFile = (check: CheckFields): Fields => {
  const settings = settingsForFiles(check.interval);
  const resolve = (fields: Fields) =>
    definedCheck(resolveDefinition(checkDefinitionSchema.parse(fields), settings)).definition;
  const lean = withoutDefaults({ ...check }, resolve);
  const config = isMap(lean.config)
    ? withoutDefaults(lean.config, (less) => resolve({ ...lean, config: less }))
    : undefined;
  return {
    ...lean,
    ...(config && { config }),
    interval: durationText(check.interval),
    ...('timeout' in lean && { timeout: durationText(check.timeout) }),
  };
};

/** Leaves out each field without which the definition would come out the same. */
const withoutDefaults = (fields: Fields, resolve: (fields: Fields) => unknown): Fields => {
  const whole = canonicalJson(resolve(fields));
  let kept = fields;
  for (const name of Object.keys(fields)) {
    if (alwaysWritten.includes(name)) continue;
    const { [name]: _left, ...less } = kept;
    if (isSame(() => resolve(less), whole)) kept = less;
  }
  return kept;
};

const isSame = (resolve: () => unknown, whole: string): boolean => {
  try {
    return canonicalJson(resolve()) === whole;
  } catch {
    return false;
  }
};

const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `90` → `90s`, `300` → `5m`, `0.25` → `250ms`; finer than a millisecond as the number itself. */
const durationText = (seconds: number): string | number => {
  const milliseconds = Math.round(seconds * 1000);
  if (milliseconds / 1000 !== seconds) return seconds;
  if (!Number.isInteger(seconds)) return `${milliseconds}ms`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
};

const escaped = (value: unknown): unknown => {
  if (typeof value === 'string') return escapeSubstitution(value);
  if (Array.isArray(value)) return value.map(escaped);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, escaped(held)]));
};
