import { type CheckRecord, checkIdOf, checksIn, loadCheck } from '../health/index.ts';
import type { Table } from '../storage/table.ts';
import type { StatusPageDefinition, StatusPageGroup } from './page.ts';

/** A check under a group's heading; `label` is what the public reads: the group's own, else the check's name. */
export type SelectedCheck = { readonly check: CheckRecord; readonly label: string };

/** A check that a group names and the page does not show. */
export type HiddenCheck = {
  readonly deploymentId: string;
  readonly name: string;
  readonly why: 'not public' | 'not there';
};

export type SelectedGroup = {
  readonly group: StatusPageGroup;
  readonly shown: readonly SelectedCheck[];
  readonly hidden: readonly HiddenCheck[];
};

const bears = ({ definition: { tags } }: CheckRecord, tag: string): boolean =>
  Object.entries(tags).some(([name, value]) => tag === name || tag === `${name}:${value}`);

const takes = ({ deploymentId, tag }: StatusPageGroup, check: CheckRecord): boolean =>
  (deploymentId !== undefined || tag !== undefined) &&
  (deploymentId === undefined || check.definition.deploymentId === deploymentId) &&
  (tag === undefined || bears(check, tag));

/**
 * What each group shows of these checks: only such as say `isPublic`, each once in a group. Of the others it tells those
 * that the group names; what a deployment or tag would bring otherwise is left out without a word.
 */
export const selectChecks = (
  { groups }: Pick<StatusPageDefinition, 'groups'>,
  checks: readonly CheckRecord[],
): readonly SelectedGroup[] => {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const byName = [...checks].sort(({ definition: left }, { definition: right }) =>
    left.name === right.name
      ? left.deploymentId < right.deploymentId
        ? -1
        : 1
      : left.name < right.name
        ? -1
        : 1,
  );
  return groups.map((group) => {
    const shown = new Map<string, SelectedCheck>();
    const hidden: HiddenCheck[] = [];
    for (const { deploymentId, name, label } of group.checks ?? []) {
      const check = byId.get(checkIdOf(deploymentId, name));
      if (check?.definition.isPublic) shown.set(check.id, { check, label: label ?? name });
      else hidden.push({ deploymentId, name, why: check ? 'not public' : 'not there' });
    }
    for (const check of byName) {
      if (check.definition.isPublic && takes(group, check) && !shown.has(check.id))
        shown.set(check.id, { check, label: check.definition.name });
    }
    return { group, shown: [...shown.values()], hidden };
  });
};

/** Live checks that the page could show, public or not: those it names, and all of the deployments that its groups take whole. */
export const loadPageChecks = async (
  state: Pick<Table, 'get' | 'query'>,
  { groups }: Pick<StatusPageDefinition, 'groups'>,
): Promise<readonly CheckRecord[]> => {
  const found = new Map<string, CheckRecord>();
  const everywhere = groups.some(({ tag, deploymentId }) => tag !== undefined && deploymentId === undefined);
  const whole = [
    ...new Set(groups.flatMap(({ deploymentId }) => (deploymentId === undefined ? [] : [deploymentId]))),
  ];
  if (everywhere || whole.length > 0) {
    for await (const page of checksIn(state, everywhere ? '*' : whole)) {
      for (const check of page) found.set(check.id, check);
    }
  }
  const named = new Set(
    groups.flatMap(({ checks = [] }) =>
      checks.map(({ deploymentId, name }) => checkIdOf(deploymentId, name)),
    ),
  );
  const missing = [...named].filter((id) => !found.has(id));
  for (const stored of await Promise.all(missing.map((id) => loadCheck(state, id)))) {
    if (stored && stored.record.deletedAt === undefined) found.set(stored.record.id, stored.record);
  }
  return [...found.values()];
};
