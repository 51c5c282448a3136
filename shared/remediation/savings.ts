import type { Plan } from './plan.ts';

/** What a plan saves, as a sentence; undefined where whoever found it did not say. */
export const savingsSaid = ({ savingsUsdPerMonth }: Pick<Plan, 'savingsUsdPerMonth'>): string | undefined =>
  savingsUsdPerMonth === undefined
    ? undefined
    : `It saves about ${savingsUsdPerMonth.toFixed(2)} USD a month.`;
