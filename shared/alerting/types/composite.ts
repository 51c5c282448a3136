import type * as Zod from 'zod';
import { type RuleDefinition, ruleIdOf } from '../rule.ts';
import type { Subject } from '../subject.ts';
import { deploymentSubject, ruleSubject } from './selection.ts';
import type { Judging, Reading, RuleState, RuleTypeDefinition } from './type.ts';

/** The name of a rule of the same deployment (or of all), or several joined. */
export type Operand =
  | string
  | { readonly all: readonly Operand[] }
  | { readonly any: readonly Operand[] }
  | { readonly not: Operand };

type Join = 'rule' | 'deployment' | 'subject';
type Condition = Exclude<Operand, string> & { readonly per: Join };
const conditionOf = ({ condition }: Pick<RuleDefinition, 'condition'>) => condition as unknown as Condition;

export const mostMembers = 20;
const deepest = 5;

export const namesIn = (operand: Operand): readonly string[] => {
  if (typeof operand === 'string') return [operand];
  if ('not' in operand) return namesIn(operand.not);
  return ('all' in operand ? operand.all : operand.any).flatMap(namesIn);
};

/** Names of the rules that a composite hangs on, each once; none of any other type. */
export const memberNames = (rule: Pick<RuleDefinition, 'type' | 'condition'>): readonly string[] =>
  rule.type === 'composite' ? [...new Set(namesIn(conditionOf(rule)))] : [];

export const memberRuleIds = (rule: RuleDefinition): readonly string[] =>
  memberNames(rule).map((name) => ruleIdOf(rule.deploymentId, name));

/** Other rules, joined. */
export const composite: RuleTypeDefinition = {
  feed: 'rules',
  defaults: { severity: 'error' },
  condition: (z) => {
    const per = z
      .enum(['rule', 'deployment', 'subject'], { error: 'Give rule, deployment or subject.' })
      .default('rule')
      .meta({
        description:
          'Whether a rule counts that fires for anything, for anything of the same deployment, or for the very same subject.',
      });
    const operand = operandField(z, 1);
    const operands = operandsField(z, operand);
    return z
      .union(
        [
          z.strictObject({ all: operands, per }),
          z.strictObject({ any: operands, per }),
          z.strictObject({ not: operand, per }),
        ],
        {
          error: ({ input }) =>
            isJoin(input) ? undefined : 'Give one of all, any and not, with the names of rules.',
        },
      )
      .refine((condition) => new Set(namesIn(condition)).size <= mostMembers, {
        error: `Name at most ${mostMembers} rules.`,
      });
  },
  faults: (rule) => {
    if (memberNames(rule).includes(rule.name))
      return [['condition', 'Name other rules: this one cannot hang on itself.']];
    const { per, ...operand } = conditionOf(rule);
    if (per === 'rule' || !holds(operand as Operand, () => false)) return [];
    return [['condition', `${needsFiring(per)} Add one with all, or leave \`per\` at rule.`]];
  },
  judge: (judging, { rules }) =>
    subjectsOf(judging.rule, rules).map((subject) => readingOf(judging, subject, rules)),
};

/** Of what nothing fires for nobody knows: a check that was removed, or never failed, would fire or not by chance. */
const needsFiring = (per: Join): string => `Per ${per} it must take at least one rule that fires.`;

const isJoin = (input: unknown): boolean =>
  typeof input === 'object' &&
  input !== null &&
  ['all', 'any', 'not'].filter((key) => Object.hasOwn(input, key)).length === 1;

const operandField = (z: typeof Zod, depth: number): Zod.ZodType<Operand, Operand> => {
  if (depth >= deepest) {
    const error = `Give the name of a rule: joins nest at most ${deepest} deep.`;
    return z.string({ error }).min(1, 'Give the name of a rule.').max(100);
  }
  const inner = operandField(z, depth + 1);
  const several = z.array(inner).min(1, 'Name at least one rule.').max(mostMembers);
  // In this order, so that of several ways to be wrong the one is told that was meant.
  return z.union(
    [
      z.strictObject({ all: several }),
      z.strictObject({ any: several }),
      z.strictObject({ not: inner }),
      z.string().min(1, 'Give the name of a rule.').max(100),
    ],
    {
      error: ({ input }) =>
        isJoin(input) ? undefined : 'Give the name of a rule, or one of {all}, {any} and {not}.',
    },
  );
};

const operandsField = (z: typeof Zod, operand: Zod.ZodType<Operand, Operand>) =>
  z.array(operand).min(1, 'Name at least one rule.').max(mostMembers);

const subjectsOf = (rule: RuleDefinition, states: readonly RuleState[]): readonly Subject[] => {
  const { per } = conditionOf(rule);
  if (per === 'rule') return [ruleSubject(rule)];
  const found = new Map<string, Subject>();
  for (const { subject } of states) {
    if (per === 'subject') found.set(subject.key, subject);
    else if (subject.deploymentId !== null)
      found.set(subject.deploymentId, deploymentSubject(subject.deploymentId));
  }
  return [...found.values()];
};

const readingOf = ({ rule, now }: Judging, subject: Subject, states: readonly RuleState[]): Reading => {
  const { per, ...operand } = conditionOf(rule);
  const concerns = (state: RuleState): boolean => {
    if (per === 'rule') return true;
    return per === 'subject'
      ? state.subject.key === subject.key
      : state.subject.deploymentId === subject.deploymentId;
  };
  const firing = states.filter((state) => state.isFiring && concerns(state));
  const firingIds = new Set(firing.map(({ ruleId }) => ruleId));
  const isFiring = (name: string): boolean => firingIds.has(ruleIdOf(rule.deploymentId, name));
  const isTrue = holds(operand as Operand, isFiring);
  const names = memberNames(rule);
  const told = [
    [names.filter(isFiring), 'firing'] as const,
    [names.filter((name) => !isFiring(name)), 'not firing'] as const,
  ].flatMap(([some, how]) => (some.length === 0 ? [] : [`${how}: ${some.join(', ')}`]));
  return {
    subject,
    value: null,
    verdict: isTrue ? 'breached' : 'clear',
    severity: rule.severity,
    reason: told.join('; '),
    at: now,
  };
};

const holds = (operand: Operand, isFiring: (name: string) => boolean): boolean => {
  if (typeof operand === 'string') return isFiring(operand);
  if ('not' in operand) return !holds(operand.not, isFiring);
  return 'all' in operand
    ? operand.all.every((one) => holds(one, isFiring))
    : operand.any.some((one) => holds(one, isFiring));
};

/**
 * The names along a way that leads from a rule back to itself; undefined when there is none. Give all rules of a scope,
 * those about to be written in place of the old ones.
 */
export const circleIn = (rules: readonly RuleDefinition[]): readonly string[] | undefined => {
  const byId = new Map(rules.map((rule) => [ruleIdOf(rule.deploymentId, rule.name), rule]));
  const done = new Set<string>();
  const walk = (id: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(id)) return [...way.slice(way.indexOf(id)), id];
    const rule = byId.get(id);
    if (!rule || done.has(id)) return undefined;
    for (const next of memberRuleIds(rule)) {
      const circle = walk(next, [...way, id]);
      if (circle) return circle;
    }
    done.add(id);
    return undefined;
  };
  for (const id of byId.keys()) {
    const circle = walk(id, []);
    if (circle) return circle.map((one) => byId.get(one)?.name ?? one);
  }
  return undefined;
};
