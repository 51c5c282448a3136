import * as z from 'zod';
import { deploymentDefinitionSchema } from '../catalog/api.ts';
import { type DeploymentDefinition, defaultDeploymentId } from '../catalog/index.ts';
import { checkDefinitionSchema, measuresTime, resolveDefinition } from '../health/api.ts';
import type { CheckDefinition } from '../health/index.ts';
import { DomainError } from '../platform/errors.ts';
import { type AlertingDefinitions, alertingDefinitionsOf } from './alerting-definitions.ts';
import { faultsOf } from './issues.ts';
import { type Fields, isMap } from './lean.ts';
import { type PageDefinitions, pageDefinitionsOf } from './page-definitions.ts';
import { type FieldPath, type Problem, pathIn, pathText } from './problem.ts';
import type { Placed } from './read-definitions.ts';
import { type RemedyDefinitions, remedyDefinitionsOf } from './remedy-definitions.ts';
import { settingsForFiles } from './settings.ts';
import { type LoadedFile, problemAt } from './tree.ts';

export type Definitions = AlertingDefinitions &
  RemedyDefinitions &
  PageDefinitions & {
    readonly deployments: readonly Placed<DeploymentDefinition>[];
    readonly checks: readonly Placed<CheckDefinition>[];
  };

const { deploymentId, ...otherFields } = deploymentDefinitionSchema.shape;
/** A deployment as a file writes it: the API's own schema, with a shorter name for the id, and its checks, rules and scaling rules inside. */
const deploymentInFileSchema = z.strictObject({
  id: deploymentId,
  ...otherFields,
  checks: z.array(z.record(z.string(), z.unknown())).nullish(),
  alerts: z.array(z.record(z.string(), z.unknown())).nullish(),
  scaling: z.array(z.record(z.string(), z.unknown())).nullish(),
});

/** All that one file defines, complete: defaults filled in, numbers held against each other. */
export const definitionsOf = async (
  file: LoadedFile,
  defaultIntervalSeconds: number,
): Promise<Definitions> => {
  const { source, content } = file;
  const deployments: Placed<DeploymentDefinition>[] = [];
  const checks: Placed<CheckDefinition>[] = [];
  const problems: Problem[] = [];

  const readChecks = (list: readonly Fields[], path: FieldPath, inside?: string): void => {
    for (const [index, check] of list.entries()) {
      const read = checkOf(file, check, [...path, index], { inside, defaultIntervalSeconds });
      if ('problems' in read) problems.push(...read.problems);
      else
        checks.push({ definition: read.definition, file: source.file, at: source.locate([...path, index]) });
    }
  };

  for (const [index, given] of (content.deployments ?? []).entries()) {
    const path = ['deployments', index];
    const parsed = deploymentInFileSchema.safeParse(given);
    if (!parsed.success) {
      for (const fault of faultsOf(deploymentInFileSchema, parsed.error)) {
        problems.push(problemAt(source, [...path, ...fault.path], fault.message, fault.of));
      }
    } else {
      const { id, checks: _checks, alerts: _alerts, scaling: _scaling, ...rest } = parsed.data;
      deployments.push({
        definition: { deploymentId: id, ...rest },
        file: source.file,
        at: source.locate(path),
      });
    }
    // The checks are judged even so, that one reading tells all there is to mend.
    if (Array.isArray(given.checks)) {
      const id = deploymentId.safeParse(given.id).data ?? defaultDeploymentId;
      readChecks(given.checks.filter(isMap), [...path, 'checks'], id);
    }
  }
  readChecks(content.checks ?? [], ['checks']);
  const alerting = await alertingDefinitionsOf(file);
  const remedies = await remedyDefinitionsOf(file);
  const pages = await pageDefinitionsOf(file);
  return {
    deployments,
    checks,
    ...alerting,
    ...remedies,
    ...pages,
    problems: [...problems, ...alerting.problems, ...remedies.problems, ...pages.problems],
  };
};

type CheckContext = { readonly inside: string | undefined; readonly defaultIntervalSeconds: number };

const checkOf = (
  file: LoadedFile,
  given: Readonly<Record<string, unknown>>,
  path: FieldPath,
  { inside, defaultIntervalSeconds }: CheckContext,
): { readonly definition: CheckDefinition } | { readonly problems: readonly Problem[] } => {
  const locate = locator(file, path);
  if (inside !== undefined && 'deploymentId' in given) {
    return {
      problems: [locate(['deploymentId'], 'Remove it: the deployment around the check gives it.', 'key')],
    };
  }
  const parsed = checkDefinitionSchema.safeParse({
    ...withDefaults(given, file),
    ...(inside !== undefined && { deploymentId: inside }),
  });
  if (!parsed.success) {
    const faults = faultsOf(checkDefinitionSchema, parsed.error, given.type);
    return { problems: faults.map((fault) => locate(fault.path, fault.message, fault.of)) };
  }
  try {
    const definition = resolveDefinition(parsed.data, settingsForFiles(defaultIntervalSeconds));
    return { definition: file.enabled ? definition : { ...definition, isActive: false } };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const faults = error.fields.length > 0 ? error.fields : [{ path: '', message: error.message }];
    return {
      problems: faults.map((fault) => locate(pathIn(fault.path), fault.message)),
    };
  }
};

/**
 * The check's own fields over those of the nearest file over those of the files around it; tags one by one. A default
 * is for the checks that it can be for: who measures no time is not asked to answer in it.
 */
const withDefaults = (
  given: Readonly<Record<string, unknown>>,
  { layers }: LoadedFile,
): Record<string, unknown> => {
  const merged: Record<string, unknown> = { ...given };
  for (const { values } of layers) {
    for (const [field, { value }] of values) {
      if (field === 'degradedAbove' && !measuresTime(String(given.type))) continue;
      if (!(field in merged)) merged[field] = value;
      else if (field === 'tags' && isMap(merged.tags) && isMap(value))
        merged.tags = { ...value, ...merged.tags };
    }
  }
  return merged;
};

/** Points at the check's own field, or at the default that it took, or at the check. */
const locator =
  ({ source, layers }: LoadedFile, path: FieldPath) =>
  (field: FieldPath, message: string, of?: 'key' | 'value'): Problem => {
    const whole = [...path, ...field];
    const [first, ...rest] = field;
    if (field.length > 0 && !source.has(whole)) {
      for (const layer of layers) {
        const place = [...layer.values].find(([name]) => name === first)?.[1];
        if (!place || !layer.source.has([...place.path, ...rest])) continue;
        const position = layer.source.locate([...place.path, ...rest], of);
        return { file: layer.source.file, ...position, path: pathText(whole), message };
      }
    }
    return problemAt(source, whole, message, of);
  };
