import type { Plan } from './plan.ts';

/** What a plan saves, as a sentence; undefined where whoever found it did not say. */
export const savingsSaid = ({ savingsUsdPerMonth }: Pick<Plan, 'savingsUsdPerMonth'>): string | undefined =>
  savingsUsdPerMonth === undefined
    ? undefined
    : `It saves about ${savingsUsdPerMonth.toFixed(2)} USD a month.`;

/** The text, and what the plan saves where that is known. */
export const withSavings = (text: string, plan: Pick<Plan, 'savingsUsdPerMonth'>): string => {
  const saves = savingsSaid(plan);
  if (saves === undefined) return text;
  return `${text}${/[.!?]$/.test(text) ? '' : '.'} ${saves}`;
};
