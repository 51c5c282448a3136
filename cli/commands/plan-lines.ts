import { type Colour, paint, printable } from '../output.ts';
import { cut } from './columns.ts';

/** A plan as answers show it, as far as a terminal does. */
export type ShownPlan = {
  readonly hash: string;
  readonly policy: { readonly name: string } | null;
  readonly actions: readonly {
    readonly kind: string;
    readonly resource: { readonly name: string; readonly type: string; readonly id: string };
    readonly summary: string;
    readonly before: unknown;
    readonly expected: unknown;
    readonly undo: { readonly kind: string; readonly params: unknown } | null;
    readonly risk: 'low' | 'medium' | 'high';
    readonly permissions: readonly {
      readonly actions: readonly string[];
      readonly resources: readonly string[];
    }[];
  }[];
  readonly savingsUsdPerMonth: number | null;
};

const riskColours: Readonly<Record<ShownPlan['actions'][number]['risk'], Colour>> = {
  low: 'green',
  medium: 'yellow',
  high: 'red',
};
/** Longer images are in --json. */
const mostImage = 300;
const imageText = (image: unknown): string => cut(printable(JSON.stringify(image)), mostImage);

/** What would be done, each action with what is, what will be, its undo, its risk and what it may do. */
export const planLines = ({ hash, policy, actions, savingsUsdPerMonth }: ShownPlan): readonly string[] => [
  `Plan ${hash}`,
  `  ${policy === null ? 'no policy speaks of it' : `by the policy ${printable(policy.name)}`}`,
  ...(savingsUsdPerMonth === null ? [] : [`  saves about ${savingsUsdPerMonth.toFixed(2)} USD a month`]),
  ...actions.flatMap(({ kind, resource, summary, before, expected, undo, risk, permissions }) => [
    `  ${paint('bold', printable(summary))}`,
    `    ${kind} of ${printable(`${resource.name} (${resource.type} ${resource.id})`)}, risk ${paint(riskColours[risk], risk)}`,
    `    before  ${imageText(before)}`,
    `    after   ${imageText(expected)}`,
    `    undo    ${undo === null ? 'cannot be taken back' : `${undo.kind} ${imageText(undo.params)}`}`,
    `    may do  ${permissions.length === 0 ? 'no call to AWS' : printable(permissions.map((one) => `${one.actions.join(', ')} on ${one.resources.join(', ')}`).join('; '))}`,
  ]),
];
