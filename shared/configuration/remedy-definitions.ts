import type * as z from 'zod';
import type { DeploymentDefinition } from '../catalog/index.ts';
import { policyDefinitionSchema, resolvePolicy, type WrittenPolicy } from '../policies/api.ts';
import { overlapsWith, type PolicyDefinition, sentenceOf } from '../policies/index.ts';
import {
  resolveScaler,
  type ScalerDefinition,
  scalerDefinitionSchema,
  scalerInDeploymentSchema,
  targetFault,
} from '../scaling/api.ts';
import { type Fields, isMap } from './lean.ts';
import { type FieldPath, type Position, type Problem, pathIn, pathText } from './problem.ts';
import { definitionReader, type Judging, type Placed } from './read-definitions.ts';
import { type LoadedFile, problemAt } from './tree.ts';

/** A definition that is held against others of the configuration, with where each of its fields stands. */
export type Located<T> = Placed<T> & {
  readonly locate: (field: string) => Position & { readonly path: string };
};

export type RemedyDefinitions = {
  readonly policies: readonly Located<PolicyDefinition>[];
  readonly scalers: readonly Located<ScalerDefinition>[];
  readonly problems: readonly Problem[];
};

const judgePolicy: Judging<WrittenPolicy, PolicyDefinition> = {
  schema: policyDefinitionSchema,
  resolve: resolvePolicy,
};

type ScalerInput = z.output<typeof scalerDefinitionSchema>;
const judgeScaler = (inside: string | undefined): Judging<ScalerInput, ScalerDefinition> => ({
  schema:
    inside === undefined
      ? scalerDefinitionSchema
      : scalerInDeploymentSchema.transform((given) => ({ ...given, deploymentId: inside })),
  resolve: resolveScaler,
});

/** Policies and scaling rules of one file, complete; `enabled: false` switches both off, for they act. */
export const remedyDefinitionsOf = async (file: LoadedFile): Promise<RemedyDefinitions> => {
  const { source, content } = file;
  const { read, readAll, problems } = definitionReader(file);

  const located = <T extends { readonly isActive: boolean }>(
    { definition, ...place }: Placed<T>,
    path: FieldPath,
  ): Located<T> => ({
    ...place,
    definition: file.enabled ? definition : { ...definition, isActive: false },
    locate: (field) => {
      const whole = [...path, ...pathIn(field)];
      return { ...source.locate(whole), path: pathText(whole) };
    },
  });
  const readOne = async <I, D extends { readonly isActive: boolean }>(
    given: Fields,
    path: FieldPath,
    judging: Judging<I, D>,
  ): Promise<Located<D>[]> => (await read(given, path, judging)).map((one) => located(one, path));
  const readScaler = async (given: Fields, path: FieldPath, inside?: string) => {
    if (inside === undefined || !('deploymentId' in given)) return readOne(given, path, judgeScaler(inside));
    const message = 'Remove it: the deployment around the scaling rule gives it.';
    problems.push(problemAt(source, [...path, 'deploymentId'], message, 'key'));
    return [];
  };

  const scalers: Located<ScalerDefinition>[] = [];
  for (const [index, { id, scaling }] of (content.deployments ?? []).entries()) {
    if (!Array.isArray(scaling)) continue;
    const inside = typeof id === 'string' ? id : 'default';
    const path = ['deployments', index, 'scaling'];
    scalers.push(
      ...(await readAll(scaling.filter(isMap), path, (given, at) => readScaler(given, at, inside))),
    );
  }
  scalers.push(...(await readAll(content.scaling, ['scaling'], (given, at) => readScaler(given, at))));
  const policies = await readAll(content.policies, ['policies'], (given, at) =>
    readOne(given, at, judgePolicy),
  );
  return { policies, scalers, problems };
};

const problemOf = ({ file, locate }: Located<unknown>, field: string, message: string): Problem => ({
  file,
  ...locate(field),
  message,
});

/** Policies of these files that could speak of the same, told at the later one. */
export const overlapsIn = (policies: readonly Located<PolicyDefinition>[]): readonly Problem[] =>
  policies.flatMap((placed, at) => {
    const before = policies.slice(0, at);
    const others = before.map(({ definition }) => definition);
    return overlapsWith(placed.definition, others).map((overlap) => {
      const other = before.find(({ definition }) => definition.name === overlap.with);
      const where = other ? ` It stands in ${other.file}:${other.at.line}.` : '';
      return problemOf(placed, 'selector', `${sentenceOf(overlap)}${where}`);
    });
  });

/** Scaling rules that scale what their deployment, where it stands in these files, does not list. */
export const targetsMissingIn = (
  scalers: readonly Located<ScalerDefinition>[],
  deployments: readonly DeploymentDefinition[],
): readonly Problem[] =>
  scalers.flatMap((placed) => {
    const { definition } = placed;
    const home = deployments.find(({ deploymentId }) => deploymentId === definition.deploymentId);
    const fault = home && targetFault(definition, home.resources ?? []);
    return fault ? [problemOf(placed, fault.path, fault.message)] : [];
  });
