import { resolveValue } from './intrinsics.ts';
import type { ParameterValues } from './parameters.ts';
import { at, isRecord, refuse } from './template.ts';

export type Conditions = { readonly holds: (name: string, path: string) => boolean };

type Section = Readonly<Record<string, unknown>>;

/** Conditions see parameters and mappings, never resources; each is decided once. */
export function createConditions(
  declared: Section,
  mappings: Section,
  parameters: ParameterValues,
): Conditions {
  const decided = new Map<string, boolean>();
  const underWay = new Set<string>();

  const holds = (name: string, path: string): boolean => {
    const before = decided.get(name);
    if (before !== undefined) return before;
    if (!Object.hasOwn(declared, name)) return refuse(path, `the condition ${name} is not declared`);
    if (underWay.has(name)) return refuse(path, `the condition ${name} depends on itself`);
    underWay.add(name);
    const result = decide(declared[name], `Conditions.${name}`);
    underWay.delete(name);
    decided.set(name, result);
    return result;
  };

  const plain = (value: unknown, path: string) =>
    resolveValue(value, path, {
      mappings,
      condition: holds,
      ref: (name, where) =>
        parameters.has(name) ? parameters.get(name) : refuse(where, `a condition cannot refer to ${name}`),
      attribute: (_name, _attribute, where) =>
        refuse(where, 'a condition cannot read attributes of resources'),
    });

  const decide = (expression: unknown, path: string): boolean => {
    const [entry, ...more] = isRecord(expression) ? Object.entries(expression) : [];
    if (!entry || more.length > 0) return refuse(path, 'a condition must be one function');
    const [name, operand] = entry;
    const where = at(path, name);
    if (name === 'Condition' && typeof operand === 'string') return holds(operand, where);
    if (!Array.isArray(operand)) return refuse(where, 'its operand must be a list');
    switch (name) {
      case 'Fn::Equals': {
        const [left, right] = operand.map((value, index) => JSON.stringify(plain(value, at(where, index))));
        return operand.length === 2 ? left === right : refuse(where, 'Fn::Equals takes two values');
      }
      case 'Fn::And':
        return operand.map((value, index) => decide(value, at(where, index))).every(Boolean);
      case 'Fn::Or':
        return operand.map((value, index) => decide(value, at(where, index))).some(Boolean);
      case 'Fn::Not':
        return operand.length === 1
          ? !decide(operand[0], at(where, 0))
          : refuse(where, 'Fn::Not takes one condition');
      default:
        return refuse(where, `${name} is not a condition function`);
    }
  };

  return { holds };
}
