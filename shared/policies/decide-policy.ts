import type { DeploymentResource } from '../catalog/index.ts';
import type { Finding } from '../findings/index.ts';
import { readableSeconds } from '../platform/duration.ts';
import type { PolicyDecision, PolicyRecord, PolicySection, Remedy } from './policy.ts';
import { type RemediableKind, saysOf, sectionOf } from './sections.ts';
import { exceptionFor, listed, notSelected, tagsOf } from './select.ts';

/** What of a finding policies look at; a release that failed its verification is one of the kind `release`. */
export type Remediable = Pick<Finding, 'severity' | 'resource' | 'tags' | 'details' | 'openedAt'> & {
  readonly kind: RemediableKind;
};

export type PolicyFacts = {
  /** Undefined: it belongs to no deployment that is registered. */
  readonly deployment: { readonly deploymentId: string; readonly environment: string } | undefined;
  /** The deployment's resource that is meant, when one is. */
  readonly resource?: DeploymentResource | undefined;
  /** Epoch ms. */
  readonly now: number;
};

/** What one policy said of it, and whether it is the one that decides. */
export type Considered = {
  readonly policy: { readonly id: string; readonly name: string; readonly revision: number };
  readonly isMatch: boolean;
  readonly reason: string;
};

/**
 * What the policies say of one finding. Pure. Exactly one policy may speak of it: two that do (each was written while
 * the other was not there yet) are a mistake of people, and nothing is done until it is put right.
 */
export const decidePolicy = (
  policies: readonly PolicyRecord[],
  finding: Remediable,
  facts: PolicyFacts,
): PolicyDecision => considerPolicies(policies, finding, facts).decision;

/** The same, with what each policy said. */
export const considerPolicies = (
  policies: readonly PolicyRecord[],
  finding: Remediable,
  facts: PolicyFacts,
): { readonly decision: PolicyDecision; readonly considered: readonly Considered[] } => {
  const section = sectionOf(finding.kind);
  if (section === null)
    return {
      decision: none(`Findings of the kind ${finding.kind} are told, never remedied.`),
      considered: [],
    };
  const { deployment } = facts;
  if (!deployment) {
    const reason = 'It belongs to no registered deployment, and only those are remedied.';
    return { decision: none(reason), considered: [] };
  }
  const place = { ...deployment, tags: tagsOf(finding, facts.resource) };
  const judged = policies.map((record) => {
    const off = record.definition.isActive ? undefined : 'It is switched off as a whole (is_active: false).';
    const reason = off ?? notSelected(record.definition.selector, place);
    const says = saysOf(record.definition, section, finding.severity);
    if (reason !== undefined) return { record, says: undefined, reason };
    if (says.kind === 'silent') return { record, says: undefined, reason: says.reason };
    return { record, says, reason: `${section} speaks of it.` };
  });
  const matching = judged.flatMap(({ record, says }) => (says ? [{ record, says }] : []));
  const considered = judged.map(({ record, says, reason }) => ({
    policy: { id: record.id, name: record.definition.name, revision: record.revision },
    isMatch: says !== undefined,
    reason,
  }));
  const [first] = matching;
  if (!first) return { decision: none('No policy speaks of it.'), considered };
  if (matching.length > 1) {
    const names = listed(matching.map(({ record }) => record.definition.name)).replace(' or ', ' and ');
    return {
      decision: none(
        `The policies ${names} both speak of it: leave it to one of them. Until then nothing is done.`,
      ),
      considered,
    };
  }
  const { record, says } = first;
  if (says.kind === 'disabled')
    return {
      decision: noneOf(record, `its ${section.split('.')[0]} is switched off (enabled: false).`),
      considered,
    };
  return { decision: decideRemedy(record, section, says.remedy, { finding, facts }), considered };
};

const none = (reason: string): PolicyDecision => ({ kind: 'none', reason });
const noneOf = ({ id, definition: { name } }: PolicyRecord, reason: string): PolicyDecision => ({
  kind: 'none',
  policy: { id, name },
  reason: `Policy ${name}: ${reason}`,
});

const decideRemedy = (
  record: PolicyRecord,
  section: PolicySection,
  remedy: Remedy,
  { finding, facts }: { readonly finding: Remediable; readonly facts: PolicyFacts },
): PolicyDecision => {
  const { id, revision, definition } = record;
  const names = [finding.resource, ...(facts.resource ? [facts.resource.name, facts.resource.id] : [])];
  const exception = exceptionFor(definition.exceptions, names, facts.now);
  if (exception) {
    const until = new Date(exception.untilAt).toISOString();
    return noneOf(record, `${exception.resource} is excepted until ${until}: ${exception.reason}`);
  }
  const onlyTold = toldOnly(remedy, finding) ?? notYet(remedy, finding, facts.now);
  if (onlyTold !== undefined) return noneOf(record, onlyTold);
  return {
    kind: 'remedy',
    policy: { id, revision, name: definition.name },
    section,
    remedy,
    limits: definition.limits,
    brakes: definition.brakes,
    reason: `Policy ${definition.name}, ${section}: ${remedy.action}, ${approvalOf(remedy)}.`,
  };
};

const approvalOf = ({ approval: { mode, people } }: Remedy): string => {
  if (mode === 'auto') return 'without asking';
  return people === 1 ? 'once somebody approved' : `once ${people} people approved`;
};

const toldOnly = (remedy: Remedy, { details }: Remediable): string | undefined => {
  if (remedy.action === 'notify') return 'it is to be told, and nothing else (action: notify).';
  if (remedy.maxResources === 0) return 'no resource may be changed (max_resources: 0).';
  if (remedy.action !== 'recommend_downsize') return undefined;
  const { recommended, savingsUsdPerMonth } = details;
  const smaller = recommended === undefined ? 'a smaller one' : recommended;
  const saves = savingsUsdPerMonth === undefined ? '' : `, which saves ${savingsUsdPerMonth} USD a month`;
  return `it recommends ${smaller}${saves}; people do it (action: recommend_downsize).`;
};

/** What was measured is held against what the policy asks for; what nobody measured is not acted upon. */
const notYet = (remedy: Remedy, { kind, details, openedAt }: Remediable, now: number): string | undefined => {
  const { thresholdPercent, detectionSeconds, causes } = remedy;
  // Where nobody classified it, any cause may be the one: what is in need is counted so.
  if (kind === 'unhealthy' && causes && details.cause !== undefined && !causes.includes(details.cause))
    return `it is remedied when ${listed([...causes])} is the matter, and this is ${details.cause} (causes).`;
  if (kind === 'idle' && detectionSeconds !== undefined) {
    const idleSeconds = Math.max(details.idleSeconds ?? 0, Math.floor((now - openedAt) / 1000));
    if (idleSeconds >= detectionSeconds) return undefined;
    const known = idleSeconds > 0 ? `for ${readableSeconds(idleSeconds)}` : 'since just now';
    return `it is known to be idle ${known}, not for ${readableSeconds(detectionSeconds)} (detection_period).`;
  }
  if ((kind !== 'exhausted' && kind !== 'oversized') || thresholdPercent === undefined) return undefined;
  const { usagePercent } = details;
  if (usagePercent === undefined)
    return `how much is used was not measured, and the policy asks for ${kind === 'exhausted' ? 'at least' : 'less than'} ${thresholdPercent}%.`;
  if (kind === 'exhausted')
    return usagePercent >= thresholdPercent
      ? undefined
      : `${usagePercent}% is used, less than the threshold of ${thresholdPercent}%.`;
  return usagePercent < thresholdPercent
    ? undefined
    : `${usagePercent}% is used, not less than ${thresholdPercent}% (detection).`;
};
