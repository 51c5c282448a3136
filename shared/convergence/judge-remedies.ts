import type { DeploymentDefinition } from '../catalog/index.ts';
import { type Reach, requireReach, requireWholeReach } from '../platform/api/caller.ts';
import { parseFields } from '../platform/api/faults.ts';
import { policyDefinitionSchema, requireSoundPolicy, resolvePolicy } from '../policies/api.ts';
import type { PolicyDefinition } from '../policies/index.ts';
import {
  requireSoundScaler,
  resolveScaler,
  type ScalerDefinition,
  scalerDefinitionSchema,
} from '../scaling/api.ts';
import type { Table } from '../storage/table.ts';
import type { Change } from './model.ts';

/** What decides what Homeostat may do by itself: policies, and rules of scaling. */
export const remedyKinds = ['policy', 'scaler'] as const;
export type RemedyKind = (typeof remedyKinds)[number];

export type RemedyChange =
  | (Extract<Change, { op: 'put' }> & { readonly kind: RemedyKind })
  | Extract<Change, { op: 'remove'; kind: RemedyKind }>;

export type RemedyPut =
  | { readonly op: 'put'; readonly kind: 'policy'; readonly definition: PolicyDefinition }
  | { readonly op: 'put'; readonly kind: 'scaler'; readonly definition: ScalerDefinition };
export type RemedyJudged = RemedyPut | Extract<Change, { op: 'remove'; kind: RemedyKind }>;

export const isRemedyKind = (kind: Change['kind']): kind is RemedyKind =>
  remedyKinds.some((one) => one === kind);

/** A change by itself: its definition, and whether the caller may make it. Throws DomainError. */
export const judgeRemedyAlone = (change: RemedyChange, reach: Reach): RemedyJudged => {
  if (change.kind === 'policy') {
    requireWholeReach(reach, 'Policies belong');
    if (change.op === 'remove') return change;
    const definition = resolvePolicy(parseFields(policyDefinitionSchema, change.definition));
    return { op: 'put', kind: 'policy', definition };
  }
  if (change.op === 'remove') {
    requireReach(reach, change.deploymentId);
    return change;
  }
  const definition = resolveScaler(parseFields(scalerDefinitionSchema, change.definition));
  requireReach(reach, definition.deploymentId);
  return { op: 'put', kind: 'scaler', definition };
};

/** As much of a judged change as the others are judged by. */
type JudgedChange =
  | RemedyJudged
  | { readonly op: 'put'; readonly kind: 'deployment'; readonly definition: DeploymentDefinition }
  | { readonly op: 'put' | 'remove'; readonly kind: Exclude<Change['kind'], RemedyKind | 'deployment'> }
  | { readonly op: 'remove'; readonly kind: 'deployment' };

/** Judges what is put against what stands beside it, as that will be when the whole request is done. Throws DomainError. */
export const remedyJudgeOf = (
  { state }: { readonly state: Pick<Table, 'get' | 'query'> },
  judged: readonly JudgedChange[],
): ((put: RemedyPut) => Promise<void>) => {
  const deployments = judged.flatMap((one) =>
    one.op === 'put' && one.kind === 'deployment' ? [one.definition] : [],
  );
  const planned = judged.flatMap((one) =>
    one.op === 'put' && one.kind === 'policy' ? [one.definition] : [],
  );
  const leaving = judged.flatMap((one) => (one.op === 'remove' && one.kind === 'policy' ? [one.name] : []));
  return (put) =>
    put.kind === 'policy'
      ? requireSoundPolicy(state, put.definition, { planned, leaving })
      : requireSoundScaler({ state }, put.definition, deployments);
};
