import type { FieldFault } from '../platform/errors.ts';
import type { PolicyDefinition } from './policy.ts';
import { spokenOf } from './sections.ts';
import { couldBothSelect } from './select.ts';

/** Two policies that could both speak of one finding; `what` names the section, with the severity where it has entries. */
export type Overlap = { readonly with: string; readonly what: string };

/** With which of the others a policy overlaps. What is switched off as a whole speaks of nothing. */
export const overlapsWith = (
  definition: PolicyDefinition,
  others: readonly PolicyDefinition[],
): readonly Overlap[] => {
  if (!definition.isActive) return [];
  const own = spokenOf(definition);
  return others
    .filter(({ name, isActive }) => isActive && name !== definition.name)
    .filter(({ selector }) => couldBothSelect(definition.selector, selector))
    .flatMap(({ name, ...other }) => {
      const shared = spokenOf({ name, ...other }).flatMap((theirs) => {
        const mine = own.find((one) => isSame(one, theirs));
        return mine === undefined ? [] : [mine.length > theirs.length ? mine : theirs];
      });
      return [...new Set(shared)].map((what) => ({ with: name, what }));
    });
};

/** `drift_remediation` alone stands for all of its severities. */
const isSame = (left: string, right: string): boolean =>
  left === right || left.startsWith(`${right} `) || right.startsWith(`${left} `);

/** What is wrong with policies that stand side by side, by their places in the list; paths as in `policies[1].selector`. */
export const overlapsOf = (definitions: readonly PolicyDefinition[]): readonly FieldFault[] =>
  definitions.flatMap((definition, at) =>
    overlapsWith(definition, definitions.slice(0, at)).map((overlap) => ({
      path: `policies[${at}].selector`,
      message: sentenceOf(overlap),
    })),
  );

export const sentenceOf = ({ with: name, what }: Overlap): string =>
  `The policy ${name} could speak of the same (${what}): narrow one of their selectors, or leave the section to one of them.`;
