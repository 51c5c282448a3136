import type { DeploymentDefinition } from '../catalog/index.ts';
import type { CheckDefinition } from '../health/index.ts';
import { processEnvironment } from '../platform/environment.ts';
import { circlesIn } from './circles.ts';
import { type Definitions, definitionsOf, type Placed } from './definitions.ts';
import { acceptedOnly } from './file.ts';
import { ConfigurationError, type Problem } from './problem.ts';
import type { Environment } from './substitute.ts';
import { readTree } from './tree.ts';

/** What people want, complete: every default filled in, durations in seconds. */
export type Configuration = {
  readonly deployments: readonly DeploymentDefinition[];
  readonly checks: readonly CheckDefinition[];
  /** Options that were judged and are used by a later version. */
  readonly acceptedOnly: readonly string[];
};

export type LoadOptions = {
  /** For `${env:NAME:-default}`; the process's own when left out. */
  readonly environment?: Environment;
  /** Of a check to which neither it nor a file gives an interval. */
  readonly defaultIntervalSeconds?: number;
};

/** A person mends this many at a time. */
const maximumProblems = 50;

/**
 * Reads configuration files and all they include. Gives the whole configuration and the absolute paths of the files
 * it came from, or throws ConfigurationError with every problem found; its `files` tell what to watch until then.
 */
export const loadConfiguration = async (
  paths: readonly string[],
  options: LoadOptions = {},
): Promise<{ readonly configuration: Configuration; readonly files: readonly string[] }> => {
  const tree = await readTree(paths, options.environment ?? processEnvironment());
  const parts = tree.loaded.map((file) => definitionsOf(file, options.defaultIntervalSeconds ?? 60));
  const problems = [
    ...tree.problems,
    ...tooMany(parts),
    ...parts.flatMap(({ problems }) => problems),
    ...repeated(parts),
    ...circlesIn(parts.flatMap(({ checks }) => checks)),
  ];
  if (problems.length > 0)
    throw new ConfigurationError(unique(problems).slice(0, maximumProblems), tree.files);
  return {
    configuration: {
      deployments: parts.flatMap(({ deployments }) => deployments.map(({ definition }) => definition)),
      checks: parts.flatMap(({ checks }) => checks.map(({ definition }) => definition)),
      acceptedOnly: acceptedOnly.filter((option) =>
        tree.loaded.some(({ content }) => content[option] != null),
      ),
    },
    files: tree.files,
  };
};

/** More would be thousands of requests, and hours until the last of them is seen to be wrong. */
const mostChecks = 10_000;

const tooMany = (parts: readonly Definitions[]): Problem[] => {
  const checks = parts.flatMap((part) => part.checks);
  const first = checks[mostChecks];
  if (!first) return [];
  const message = `Apply at most ${mostChecks} checks at once: these files have ${checks.length}. Apply some of the files by themselves.`;
  return [{ file: first.file, ...first.at, path: '', message }];
};

/** Two definitions of one thing: a mistake that would otherwise depend on the order of the files. */
const repeated = (parts: readonly Definitions[]): Problem[] => [
  ...repeatedIn(
    parts.flatMap(({ deployments }) => deployments),
    ({ deploymentId }) => deploymentId,
    ({ deploymentId }, where) =>
      `Keep one deployment ${deploymentId}: it is defined in ${where} already. Its other checks can stand under checks: with deploymentId: ${deploymentId}.`,
  ),
  ...repeatedIn(
    parts.flatMap(({ checks }) => checks),
    ({ deploymentId, name }) => `${deploymentId}\n${name}`,
    ({ deploymentId, name }, where) =>
      `Give one of them another name: check «${name}» of deployment ${deploymentId} is defined in ${where} already.`,
  ),
];

const repeatedIn = <T>(
  all: readonly Placed<T>[],
  keyOf: (definition: T) => string,
  sentence: (definition: T, where: string) => string,
): Problem[] => {
  const first = new Map<string, Placed<T>>();
  return all.flatMap((placed) => {
    const before = first.get(keyOf(placed.definition));
    if (!before) {
      first.set(keyOf(placed.definition), placed);
      return [];
    }
    const message = sentence(placed.definition, `${before.file}:${before.at.line}`);
    return [{ file: placed.file, ...placed.at, path: '', message }];
  });
};

/** A default that does not suit many checks is told once. */
const unique = (problems: readonly Problem[]): Problem[] => [
  ...new Map(
    problems.map((problem) => [
      `${problem.file}:${problem.line}:${problem.column} ${problem.message}`,
      problem,
    ]),
  ).values(),
];
