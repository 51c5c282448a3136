import { isRegistered } from '../catalog/index.ts';
import type { CheckReference } from '../health/index.ts';
import type { Reach } from '../platform/api/caller.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { Table } from '../storage/table.ts';
import type { StatusPageDefinition } from './page.ts';
import { permitFor } from './reach.ts';
import { loadStatusPage, loadStatusPages } from './store.ts';

/** Each is read whenever the list of pages is shown. */
export const mostPages = 50;

/** The checks as they will be once the request is done; undefined for one that is not there. */
export type KnownChecks = { find(reference: CheckReference): Promise<object | undefined> };

/** What comes and goes in the same request as the page. */
export type PlannedPages = {
  /** Ids of deployments that come. */
  readonly deployments?: readonly string[];
  /** Slugs of pages that come, the page itself among them or not. */
  readonly pages?: readonly string[];
  readonly leavingPages?: readonly string[];
};

const deploymentFaults = async (
  state: Pick<Table, 'get'>,
  { groups }: StatusPageDefinition,
  coming: readonly string[],
): Promise<FieldFault[]> => {
  const named = groups.flatMap(({ deploymentId }, at) =>
    deploymentId === undefined ? [] : [{ deploymentId, path: `groups[${at}].deploymentId` }],
  );
  const there = await Promise.all(
    named.map(({ deploymentId }) => coming.includes(deploymentId) || isRegistered(state, deploymentId)),
  );
  return named
    .filter((_, at) => !there[at])
    .map(({ path, deploymentId }) => ({
      path,
      message: `There is no deployment ${deploymentId}: define it first, in the same file or request if you like.`,
    }));
};

const checkFaults = async ({ groups }: StatusPageDefinition, checks: KnownChecks): Promise<FieldFault[]> => {
  const named = groups.flatMap(({ checks: listed = [] }, group) =>
    listed.map((check, at) => ({ check, path: `groups[${group}].checks[${at}].name` })),
  );
  const there = await Promise.all(named.map(({ check }) => checks.find(check)));
  return named
    .filter((_, at) => there[at] === undefined)
    .map(({ path, check }) => ({
      path,
      message: `There is no check «${check.name}» in the deployment ${check.deploymentId}: define it first, in the same file or request if you like.`,
    }));
};

/**
 * What a page names must be there when it is written; whether a check is public is another matter, which the view tells.
 * What is removed later is left out of the page. Throws VALIDATION_ERROR, and CONFLICT when there are as many pages as
 * there can be.
 */
export const requireSoundPage = async (
  { state }: { readonly state: Pick<Table, 'get' | 'query'> },
  definition: StatusPageDefinition,
  checks: KnownChecks,
  { deployments = [], pages = [], leavingPages = [] }: PlannedPages = {},
): Promise<void> => {
  const faults = [
    ...(await deploymentFaults(state, definition, deployments)),
    ...(await checkFaults(definition, checks)),
  ];
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'The status page names what is not there.', faults);
  const known = new Set((await loadStatusPages(state)).map(({ id }) => id));
  for (const slug of leavingPages) known.delete(slug);
  for (const slug of [...pages, definition.slug]) known.add(slug);
  if (known.size > mostPages)
    throw new DomainError('CONFLICT', `There can be at most ${mostPages} status pages: remove one first.`);
};

/** A page that is there may be replaced or removed by who reaches all that it shows now. Throws NOT_FOUND. */
export const requireReachedPage = async (
  state: Pick<Table, 'get'>,
  slug: string,
  reach: Reach,
): Promise<void> => {
  const page = await loadStatusPage(state, slug);
  if (page) permitFor({ deployments: reach })(page);
};
