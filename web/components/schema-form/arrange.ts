import type { Member } from './field.ts';

export type Arranged = {
  /** In sight at once. */
  readonly first: readonly Member[];
  /** Under «More». */
  readonly more: readonly Member[];
};

/** A few fields more are no reason to fold them. */
const fewMembers = 4;

/**
 * Which members are in sight, in which order: those that `order` names (paths from the form's root), the required ones,
 * and of a small group all.
 */
export const arranged = (
  members: readonly Member[],
  path: string,
  { order, left }: { readonly order: readonly string[]; readonly left: readonly string[] },
): Arranged => {
  const pathOf = ({ name }: Member): string => (path ? `${path}.${name}` : name);
  const shown = members.filter((member) => !left.includes(pathOf(member)));
  const rank = (member: Member): number => {
    const at = order.indexOf(pathOf(member));
    if (at >= 0) return at;
    return member.isRequired ? order.length : order.length + 1;
  };
  const sorted = [...shown].sort((one, other) => rank(one) - rank(other));
  const first = sorted.filter((member) => rank(member) <= order.length);
  const more = sorted.filter((member) => rank(member) > order.length);
  const isOrdered = first.some((member) => rank(member) < order.length);
  if (more.length === 1 || (!isOrdered && sorted.length <= fewMembers)) return { first: sorted, more: [] };
  return { first, more };
};
