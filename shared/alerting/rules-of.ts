import type { HealthSight } from '../health/index.ts';
import type { Table } from '../storage/table.ts';
import type { EvaluateTools } from './evaluate.ts';
import type { ProjectTools } from './project-rules.ts';
import { rulesFor } from './registry.ts';
import type { RuleRecord } from './rule.ts';
import type { Seen } from './types/type.ts';

/** What judging needs beside what follows from it. */
export type JudgeTools = EvaluateTools &
  ProjectTools & {
    readonly sight: HealthSight;
    /** Told of a rule that could not be judged; the others are. */
    readonly onFault: (rule: RuleRecord, error: Error) => void;
  };

/** Live and active rules of a deployment, or with null those of all deployments. */
export type RulesOf = (deploymentId: string | null) => Promise<readonly RuleRecord[]>;

/** Each is read once, whoever asks: for one batch of signals, for later ones must see what was written meanwhile. */
export const openRulesOf = (state: Pick<Table, 'query'>): RulesOf => {
  const known = new Map<string | null, Promise<readonly RuleRecord[]>>();
  return (deploymentId) => {
    const read =
      known.get(deploymentId) ??
      rulesFor(state, deploymentId).then((rules) => rules.filter(({ definition }) => definition.isActive));
    known.set(deploymentId, read);
    return read;
  };
};

/** The rules that something of a deployment is judged by: its own, and those of all. */
export const rulesOver = async (
  rulesOf: RulesOf,
  deploymentId: string | null,
): Promise<readonly RuleRecord[]> => {
  const all = await Promise.all([deploymentId === null ? [] : rulesOf(deploymentId), rulesOf(null)]);
  return all.flat();
};

export const seenNothing: Seen = { series: [], statuses: [], rules: [] };
