import { type CheckDefinition, type CheckReference, membersOf } from '../health/index.ts';
import type { Problem } from './problem.ts';
import type { Placed } from './read-definitions.ts';

const keyOf = ({ deploymentId, name }: CheckReference): string => `${deploymentId}\n${name}`;

/**
 * Checks that hang on themselves through parents and members, each circle told once, where its first check stands.
 * What is named and not in these files may be in the registry: the API judges that.
 */
export const circlesIn = (checks: readonly Placed<CheckDefinition>[]): Problem[] => {
  const byKey = new Map(checks.map((placed) => [keyOf(placed.definition), placed]));
  const finished = new Set<Placed<CheckDefinition>>();
  const problems: Problem[] = [];

  // A stack of its own instead of recursion: a chain may be as long as the file.
  for (const start of checks) {
    const way: { placed: Placed<CheckDefinition>; left: CheckReference[] }[] = [];
    const enter = (placed: Placed<CheckDefinition>): void => {
      const { parent } = placed.definition;
      way.push({ placed, left: [...(parent ? [parent] : []), ...membersOf(placed.definition)] });
    };
    if (!finished.has(start)) enter(start);
    for (let last = way.at(-1); last; last = way.at(-1)) {
      const to = last.left.shift();
      const next = to && byKey.get(keyOf(to));
      if (to === undefined) {
        finished.add(last.placed);
        way.pop();
      } else if (next && !finished.has(next)) {
        const from = way.findIndex(({ placed }) => placed === next);
        if (from < 0) enter(next);
        else problems.push(circle(way.slice(from).map(({ placed }) => placed)));
      }
    }
  }
  return problems;
};

const circle = (way: readonly Placed<CheckDefinition>[]): Problem => {
  const [first] = way;
  if (!first) throw new Error('a circle has a check');
  const names = [...way, first].map(({ definition }) => `${definition.deploymentId}/${definition.name}`);
  const message = `Break the circle of parents and members: ${names.join(' → ')}.`;
  return { file: first.file, ...first.at, path: '', message };
};
