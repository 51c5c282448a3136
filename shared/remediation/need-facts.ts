import { type DeploymentDefinition, listDeployments } from '../catalog/index.ts';
import {
  type Finding,
  openFindings,
  resourceNamed,
  resourceOfCheck,
  resourcesOf,
} from '../findings/index.ts';
import { type CheckRecord, checksIn, isPaused, readMembers } from '../health/index.ts';
import { decidePolicy, notSelected, type PolicyRecord, type Remediable } from '../policies/index.ts';
import type { Table } from '../storage/index.ts';
import type { NeedFacts } from './brake-facts.ts';
import { type Remedied, remedyOf } from './decide-limits.ts';
import { readChanged } from './limits.ts';
import type { Plan } from './plan.ts';
import { resourceKeyOf } from './resource-key.ts';

type Ports = {
  readonly state: Pick<Table, 'get' | 'query'>;
  readonly telemetry: Pick<Table, 'batchGet'>;
};

type Deployments = ReadonlyMap<string, DeploymentDefinition>;
type Case = { readonly plan: Plan; readonly policies: readonly PolicyRecord[]; readonly now: number };

/**
 * Everything that the plan's policy would remedy now in the plan's environment, whether or not it was planned: open
 * findings and unhealthy checks, each decided as the responder decides it.
 */
export const needFacts = async (ports: Ports, asked: Case): Promise<NeedFacts> => {
  const { plan, policies, now } = asked;
  const deployments = await deploymentsIn(ports.state, plan.environment);
  const [found, unwell, changed] = await Promise.all([
    neededByFindings(ports, asked, deployments),
    neededByChecks(ports, asked, deployments),
    readChanged(ports.state, plan, now),
  ]);
  const record = policies.find(({ id }) => id === plan.policy?.id);
  return { inNeed: [...found, ...unwell], changed, total: record ? totalOf(record, deployments) : 0 };
};

const deploymentsIn = async (state: Pick<Table, 'query'>, environment: string): Promise<Deployments> => {
  const found = new Map<string, DeploymentDefinition>();
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await listDeployments(state, '*', 200, after);
    for (const { definition } of page.deployments) {
      if (definition.environment === environment) found.set(definition.deploymentId, definition);
    }
    after = page.next;
  }
  return found;
};

const totalOf = ({ definition: { selector } }: PolicyRecord, deployments: Deployments): number => {
  const selected = [...deployments.values()].flatMap((deployment) =>
    resourcesOf(deployment).filter(
      ({ tags = {} }) => notSelected(selector, { ...deployment, tags }) === undefined,
    ),
  );
  return new Set(selected.map(resourceKeyOf)).size;
};

/** What of it the plan's policy would do; nothing where another policy or none does. */
const remediedBy = (
  { plan, policies, now }: Case,
  deployment: DeploymentDefinition,
  remediable: Remediable,
  resource: ReturnType<typeof resourceNamed>,
): readonly Remedied[] => {
  const decision = decidePolicy(policies, remediable, { deployment, resource, now });
  if (decision.kind !== 'remedy' || decision.policy.id !== plan.policy?.id) return [];
  // What nobody listed is a resource all the same.
  const key = resource ? resourceKeyOf(resource) : unlistedKeyOf(remediable);
  return [{ key, remedy: remedyOf(decision.section, remediable.severity) }];
};

const unlistedKeyOf = ({ details, resource }: Remediable): string =>
  resourceKeyOf({ type: 'cloudcontrol-resource', id: details.identifier ?? resource });

const neededByFindings = async (
  { state }: Ports,
  asked: Case,
  deployments: Deployments,
): Promise<readonly Remedied[]> => {
  const needed = (finding: Finding): readonly Remedied[] => {
    const deployment = finding.deploymentId === null ? undefined : deployments.get(finding.deploymentId);
    if (!deployment) return [];
    return remediedBy(asked, deployment, finding, resourceNamed(deployment, finding.resource));
  };
  return (await openFindings(state)).flatMap(needed);
};

/** Of so many deployments the checks are read one deployment after the other; of more, all checks there are. */
const fewDeployments = 20;

const neededByChecks = async (
  { state, telemetry }: Ports,
  asked: Case,
  deployments: Deployments,
): Promise<readonly Remedied[]> => {
  const ids = [...deployments.keys()];
  const needed: Remedied[] = [];
  for await (const page of checksIn(state, ids.length > fewDeployments ? '*' : ids)) {
    const running = page.filter(
      (check) => !isPaused(check) && deployments.has(check.definition.deploymentId),
    );
    const members = await readMembers(
      telemetry,
      running.map(({ id }) => id),
      asked.now,
    );
    for (const check of running) {
      const deployment = deployments.get(check.definition.deploymentId);
      if (!deployment || members.get(check.id)?.status !== 'unhealthy') continue;
      const resource = resourceOfCheck(deployment, check.definition.name);
      // Nothing is done about a check that tells of no resource, or of several.
      if (resource)
        needed.push(...remediedBy(asked, deployment, unhealthyOf(check, resource.name, asked.now), resource));
    }
  }
  return needed;
};

/** As `findingOfCheck` makes it of a change of status. */
export const unhealthyOf = (
  { id, definition }: Pick<CheckRecord, 'id' | 'definition'>,
  resource: string,
  openedAt: number,
): Remediable => ({
  kind: 'unhealthy',
  severity: 'error',
  resource,
  tags: definition.tags,
  details: { checkIds: [id] },
  openedAt,
});
