import type { Schemas } from '../../client/operations.ts';

export type Policy = Schemas['Policy'];
export type Explanation = Schemas['Explanation'];

/** The parts of a policy in words. */
export const sections = {
  health_remediation: 'Health',
  drift_remediation: 'Drift',
  cost_optimization: 'Cost',
  compliance_remediation: 'Compliance',
} as const;

const listed = (names: readonly string[], what: string): string =>
  names.length === 0 ? `every ${what}` : names.join(', ');

/** Whom a policy speaks of: `every deployment in production, tagged team:shop`. */
export const selectorText = ({ selector }: Pick<Policy, 'selector'>): string => {
  const tags = Object.entries(selector.tags).map(([name, value]) => `${name}:${value}`);
  return [
    listed(selector.deployments, 'deployment'),
    selector.environments.length > 0 ? `in ${selector.environments.join(', ')}` : '',
    tags.length > 0 ? `tagged ${tags.join(', ')}` : '',
  ]
    .filter(Boolean)
    .join(', ');
};

/** What it may do: `Health, Drift`. */
export const sectionsText = (policy: Policy): string =>
  Object.entries(sections)
    .filter(([name]) => policy[name as keyof typeof sections] !== undefined)
    .map(([, title]) => title)
    .join(', ') || 'nothing';

/** What stands in the file, without what the API adds. */
export const writtenOf = (policy: Policy): Record<string, unknown> => {
  const { id: _, managedBy: __, revision: ___, createdAt: ____, updatedAt: _____, ...written } = policy;
  return written;
};

export const outcomeWords: Readonly<
  Record<Explanation['outcome'], { readonly word: string; readonly tone: 'good' | 'warn' | 'calm' | 'plain' }>
> = {
  nothing: { word: 'nothing would be done', tone: 'plain' },
  held: { word: 'it would be held back', tone: 'warn' },
  asks: { word: 'people would be asked', tone: 'calm' },
  runs: { word: 'it would be done', tone: 'good' },
};
