import type { RuleDefinition } from '../alerting/index.ts';
import type { DeploymentDefinition } from '../catalog/index.ts';
import type { CheckDefinition } from '../health/index.ts';
import type { MaintenanceDefinition } from '../incidents/api.ts';
import type { AlertingSettings } from '../incidents/index.ts';
import type { ChannelDefinition } from '../notifications/index.ts';
import { processEnvironment } from '../platform/environment.ts';
import type { PolicyDefinition } from '../policies/index.ts';
import type { ScalerDefinition } from '../scaling/api.ts';
import type { StatusPageDefinition } from '../status-pages/api.ts';
import { circlesIn } from './circles.ts';
import { type Definitions, definitionsOf } from './definitions.ts';
import { acceptedOnly } from './file.ts';
import { ConfigurationError, type Problem } from './problem.ts';
import type { Placed } from './read-definitions.ts';
import { overlapsIn, targetsMissingIn } from './remedy-definitions.ts';
import type { Environment } from './substitute.ts';
import { readTree } from './tree.ts';

/** What people want, complete: every default filled in, durations in seconds. */
export type Configuration = {
  readonly deployments: readonly DeploymentDefinition[];
  readonly checks: readonly CheckDefinition[];
  readonly channels: readonly ChannelDefinition[];
  /** Undefined: no file says anything of it. */
  readonly alerting?: AlertingSettings | undefined;
  readonly maintenance: readonly MaintenanceDefinition[];
  readonly rules: readonly RuleDefinition[];
  readonly policies: readonly PolicyDefinition[];
  readonly scalers: readonly ScalerDefinition[];
  readonly statusPages: readonly StatusPageDefinition[];
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
  const parts = await Promise.all(
    tree.loaded.map((file) => definitionsOf(file, options.defaultIntervalSeconds ?? 60)),
  );
  const problems = [
    ...tree.problems,
    ...tooMany(parts),
    ...parts.flatMap(({ problems }) => problems),
    ...repeated(parts),
    ...circlesIn(parts.flatMap(({ checks }) => checks)),
    ...overlapsIn(parts.flatMap(({ policies }) => policies)),
    ...targetsMissingIn(
      parts.flatMap(({ scalers }) => scalers),
      definitionsIn(parts.flatMap(({ deployments }) => deployments)),
    ),
  ];
  if (problems.length > 0)
    throw new ConfigurationError(unique(problems).slice(0, maximumProblems), tree.files);
  const [alerting] = parts.flatMap((part) => part.alerting);
  return {
    configuration: {
      deployments: definitionsIn(parts.flatMap(({ deployments }) => deployments)),
      checks: definitionsIn(parts.flatMap(({ checks }) => checks)),
      channels: definitionsIn(parts.flatMap(({ channels }) => channels)),
      ...(alerting && { alerting: alerting.definition }),
      maintenance: definitionsIn(parts.flatMap(({ maintenance }) => maintenance)),
      rules: definitionsIn(parts.flatMap(({ rules }) => rules)),
      policies: definitionsIn(parts.flatMap(({ policies }) => policies)),
      scalers: definitionsIn(parts.flatMap(({ scalers }) => scalers)),
      statusPages: definitionsIn(parts.flatMap(({ statusPages }) => statusPages)),
      acceptedOnly: acceptedOnly.filter((option) =>
        tree.loaded.some(({ content }) => content[option] != null),
      ),
    },
    files: tree.files,
  };
};

const definitionsIn = <T>(placed: readonly Placed<T>[]): T[] => placed.map(({ definition }) => definition);

/** More would be thousands of requests, and hours until the last of them is seen to be wrong. */
const mostOfAKind = 10_000;
/** They are judged against one another, so they must fit into one request, with those that go. */
const mostPolicies = 50;

const tooMany = (parts: readonly Definitions[]): Problem[] => [
  ...beyond(
    'checks',
    parts.flatMap(({ checks }) => checks),
  ),
  ...beyond(
    'rules',
    parts.flatMap(({ rules }) => rules),
  ),
  ...beyond(
    'policies',
    parts.flatMap(({ policies }) => policies),
    mostPolicies,
  ),
];

const beyond = (what: string, all: readonly Placed<unknown>[], most = mostOfAKind): Problem[] => {
  const first = all[most];
  if (!first) return [];
  const message = `Apply at most ${most} ${what} at once: these files have ${all.length}. Apply some of the files by themselves.`;
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
  ...repeatedIn(
    parts.flatMap(({ rules }) => rules),
    ({ deploymentId, name }) => `${deploymentId ?? '*'}\n${name}`,
    ({ deploymentId, name }, where) =>
      `Give one of them another name: rule «${name}» of ${deploymentId === null ? 'all deployments' : `deployment ${deploymentId}`} is defined in ${where} already.`,
  ),
  ...repeatedIn(
    parts.flatMap(({ scalers }) => scalers),
    ({ deploymentId, name }) => `${deploymentId}\n${name}`,
    ({ deploymentId, name }, where) =>
      `Give one of them another name: scaling rule «${name}» of deployment ${deploymentId} is defined in ${where} already.`,
  ),
  ...repeatedIn(
    parts.flatMap(({ statusPages }) => statusPages),
    ({ slug }) => slug,
    ({ slug }, where) =>
      `Give one of them another slug: status page «${slug}» is defined in ${where} already.`,
  ),
  ...(['channels', 'maintenance', 'policies'] as const).flatMap((kind) =>
    repeatedIn<{ readonly name: string }>(
      parts.flatMap((part): readonly Placed<{ readonly name: string }>[] => part[kind]),
      ({ name }) => name,
      ({ name }, where) =>
        `Give one of them another name: ${nouns[kind]} «${name}» is defined in ${where} already.`,
    ),
  ),
];

const nouns = { channels: 'channel', maintenance: 'maintenance', policies: 'policy' } as const;

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
