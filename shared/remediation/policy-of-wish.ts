import { DomainError } from '../platform/errors.ts';
import {
  considerPolicies,
  type PolicyDecision,
  type PolicyFacts,
  type PolicyRecord,
  type Remediable,
  saysOf,
  sectionOf,
} from '../policies/index.ts';

type Remedying = Extract<PolicyDecision, { kind: 'remedy' }>;

export type SpokenOf = {
  readonly decision: PolicyDecision;
  /** What the policy asks for that speaks of it, also where it would do nothing here by itself; undefined: none speaks. */
  readonly says: Pick<Remedying, 'policy' | 'section' | 'limits' | 'brakes' | 'remedy'> | undefined;
};

/**
 * Which policy a wish stands under. An exception, or a remedy that is only told, keeps Homeostat from doing it by itself;
 * it does not make one person enough where the policy wants two. Throws CONFLICT where two policies speak of it, and
 * where the one that does allows no resource.
 */
export const policyOfWish = (
  policies: readonly PolicyRecord[],
  remediable: Remediable,
  facts: PolicyFacts,
): SpokenOf => {
  const { decision, considered } = considerPolicies(policies, remediable, facts);
  if (decision.kind === 'remedy') return { decision, says: decision };
  const matching = considered.filter(({ isMatch }) => isMatch);
  if (matching.length > 1) throw new DomainError('CONFLICT', decision.reason);
  const record = policies.find(({ id }) => id === matching[0]?.policy.id);
  const section = sectionOf(remediable.kind);
  const said = record && section && saysOf(record.definition, section, remediable.severity);
  if (!record || !section || !said || said.kind !== 'remedy') return { decision, says: undefined };
  const { id, revision, definition } = record;
  if (said.remedy.maxResources === 0) throw new DomainError('CONFLICT', decision.reason);
  return {
    decision,
    says: {
      policy: { id, revision, name: definition.name },
      section,
      limits: definition.limits,
      brakes: definition.brakes,
      remedy: said.remedy,
    },
  };
};
