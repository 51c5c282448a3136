import type { Severity } from '../platform/events.ts';
import type { Limits, PolicyDecision, PolicySection } from '../policies/index.ts';
import type { Plan } from './plan.ts';
import type { Hold } from './remediation.ts';

/** A resource, with the remedy (of the policy) that it needs or had. */
export type Remedied = { readonly key: string; readonly remedy: string };

/** What binds a plan: the limits of its policy, and how many resources its own remedy may touch. */
export type Bounds = {
  readonly limits: Limits;
  readonly maxResources?: number | undefined;
  /** Which resources count for `maxResources`. */
  readonly remedy: string;
};

/** Remedies of drifts and violations are listed by severity, each with a number of its own. */
export const remedyOf = (section: PolicySection, severity: Severity): string =>
  section === 'drift_remediation' || section === 'compliance_remediation'
    ? `${section} ${severity}`
    : section;

/** As the policy is today where it can be asked, else as it was when the plan was made. */
export const boundsOf = (plan: Plan, decision: PolicyDecision | undefined): Bounds => {
  const { policy, occasion, limits } = plan;
  const remedy = policy ? remedyOf(policy.section, occasion.severity) : '';
  return decision?.kind === 'remedy'
    ? { limits: decision.limits, maxResources: decision.remedy.maxResources, remedy }
    : { limits, remedy };
};

export const isBounded = ({ limits, maxResources }: Bounds): boolean =>
  limits.maxCount !== undefined || limits.maxPercent !== undefined || maxResources !== undefined;

/** Resources of the plan, of all in need at present, and of those changed within the hour by other plans. */
export type Touched = {
  readonly own: readonly string[];
  readonly inNeed: readonly Remedied[];
  readonly changed: readonly Remedied[];
  /** How many resources there are under the policy in the environment. */
  readonly total: number;
};

/**
 * Over the limit nothing runs, not the first few: what is in need now, what was changed within the hour and what the plan
 * would change are counted together, each resource once.
 */
export const decideLimits = (bounds: Bounds, touched: Touched): Hold | undefined => {
  const { maxCount, maxPercent } = bounds.limits;
  const all = touchedOf(touched, () => true);
  if (maxCount !== undefined && all > maxCount) {
    return blast(`${said(all)} in need or changed within an hour, and the policy allows ${maxCount}`);
  }
  // A resource that nobody counted is at least one of all.
  const total = Math.max(touched.total, all);
  if (maxPercent !== undefined && all * 100 > maxPercent * total) {
    return blast(
      `${all} of ${total} resources are in need or changed within an hour, and the policy allows ${maxPercent} %`,
    );
  }
  const alike = touchedOf(touched, ({ remedy }) => remedy === bounds.remedy);
  if (bounds.maxResources !== undefined && alike > bounds.maxResources) {
    return blast(
      `${said(alike)} in need of this remedy or had it within an hour, and it allows ${bounds.maxResources}`,
    );
  }
  return undefined;
};

const touchedOf = ({ own, inNeed, changed }: Touched, counts: (one: Remedied) => boolean): number =>
  new Set([...own, ...[...inNeed, ...changed].filter(counts).map(({ key }) => key)]).size;

const blast = (why: string): Hold => ({ brake: 'blast_radius', reason: `${why}: nothing is done.` });

const said = (count: number): string => (count === 1 ? '1 resource is' : `${count} resources are`);
