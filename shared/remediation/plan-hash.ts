import { canonicalJson } from '../platform/api/canonical.ts';
import { sha256 } from '../platform/ids.ts';
import type { Plan } from './plan.ts';

/**
 * Of everything that a plan says but when and by whom it was made: two triggers of one finding that see the same world
 * make the same plan, which runs once.
 */
export const hashOfPlan = (plan: Omit<Plan, 'hash'>): string => {
  const { madeAt: _madeAt, madeBy: _madeBy, ...said } = { ...plan, hash: undefined };
  return sha256(canonicalJson(said));
};

export const withHash = (plan: Omit<Plan, 'hash'>): Plan => ({ ...plan, hash: hashOfPlan(plan) });

/** A plan may have gone through other hands since it was made. */
export const isSound = (plan: Plan): boolean => hashOfPlan(plan) === plan.hash;

/** 64 hex digits; anything else names no plan. */
export const isPlanHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
