import { dayMs, type HealItem, type Verdict } from './heal-item.ts';
import { natureOf } from './nature.ts';
import type { Plan } from './plan.ts';

const didHelp = ({ status }: Verdict): boolean => status === 'succeeded' || status === 'confirmed';

const isByItself = ({ occasion }: Verdict): boolean => {
  const nature = natureOf({ occasion: { kind: occasion } });
  return nature === 'finding' || nature === 'release';
};

/**
 * How often the resource was put right within a day by the same workflow, and is wrong again: it would not be looked at
 * otherwise. What a person or a scaling rule did does not count, nor does what never helped.
 */
export const flapsOf = (
  heal: Pick<HealItem, 'verdicts'>,
  plan: Pick<Plan, 'hash' | 'workflow'>,
  now: number,
): number =>
  heal.verdicts.filter(
    (verdict) =>
      verdict.at > now - dayMs &&
      verdict.planHash !== plan.hash &&
      verdict.workflow === plan.workflow &&
      didHelp(verdict) &&
      isByItself(verdict),
  ).length;

/**
 * The last remedy of which nobody knows how it ended, unless a person had the resource changed with success since: until
 * then nothing more is done to it by itself, for a day.
 */
export const unknownOutcomeOf = (heal: Pick<HealItem, 'verdicts'>, now: number): Verdict | undefined => {
  const looked = heal.verdicts
    .filter((verdict) => natureOf({ occasion: { kind: verdict.occasion } }) === 'person' && didHelp(verdict))
    .reduce((last, { at }) => Math.max(last, at), 0);
  return heal.verdicts.findLast(({ status, at }) => status === 'unknown' && at > looked && at > now - dayMs);
};
