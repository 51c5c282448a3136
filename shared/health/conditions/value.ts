import type { Facts, Operand, Path, Placeholder } from './condition.ts';

/** What a side of a condition is at present; `missing` says why there is nothing. */
export type Value =
  | { readonly is: unknown; readonly from?: Placeholder | undefined }
  | { readonly missing: string; readonly isUnreadable?: true };

export type Read = (operand: Operand) => Value;

/** Deeper JSON is refused: whatever walks through it later must not run out of stack. */
export const deepestJson = 100;

/** Reads sides of conditions; a body that several of them look into is parsed once. */
export const readerOf = (facts: Facts): Read => {
  const parsed = new Map<Placeholder, Value>();
  const jsonOf = (of: Placeholder, text: string): Value => {
    const earlier = parsed.get(of);
    if (earlier) return earlier;
    const value = parsedJson(of, text);
    parsed.set(of, value);
    return value;
  };
  const readPath = ({ of, path }: Path): Value => {
    const fact = Object.hasOwn(facts, of) ? facts[of] : undefined;
    if (fact === undefined) return { missing: `there is no [${of}]` };
    if (of === 'HEADER') return headerIn(fact, String(path[0]));
    if (path.length === 0) return { is: fact, from: of };
    const root = typeof fact === 'string' ? jsonOf(of, fact) : { is: fact };
    return 'missing' in root ? root : inside(root.is, path, of);
  };
  return (operand) => {
    if ('literal' in operand) return { is: operand.literal };
    if ('of' in operand) return readPath(operand);
    if ('len' in operand) return lengthOf(readPath(operand.len), operand.len);
    return { missing: 'a list or a range has no value' };
  };
};

const headerIn = (headers: unknown, name: string): Value => {
  const value =
    headers instanceof Map
      ? headers.get(name)
      : headers !== null && typeof headers === 'object' && Object.hasOwn(headers, name)
        ? (headers as Record<string, unknown>)[name]
        : undefined;
  return value === undefined ? { missing: 'it is missing' } : { is: value };
};

/** Own properties only: `constructor` and `__proto__` are found where the JSON itself has them. */
const inside = (root: unknown, path: readonly (string | number)[], of: Placeholder): Value => {
  let is = root;
  for (const [depth, step] of path.entries()) {
    const isThere =
      is !== null &&
      typeof is === 'object' &&
      (typeof step === 'number') === Array.isArray(is) &&
      Object.hasOwn(is, step);
    if (!isThere) {
      return {
        missing: depth === path.length - 1 ? 'it is missing' : `${spelled(of, path, depth)} is missing`,
      };
    }
    is = (is as Record<string | number, unknown>)[step];
  }
  return is === undefined ? { missing: 'it is missing' } : { is };
};

const spelled = (of: Placeholder, path: readonly (string | number)[], depth: number): string =>
  `[${of}]${path
    .slice(0, depth + 1)
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')}`;

const lengthOf = (value: Value, { of }: Path): Value => {
  if ('missing' in value) return value;
  const { is } = value;
  if (typeof is === 'string') return { is: [...is].length };
  if (Array.isArray(is)) return { is: is.length };
  if (is !== null && typeof is === 'object') return { is: Object.keys(is).length };
  return { missing: `what [${of}] has there is ${typeNameOf(is)} and has no length` };
};

export const typeNameOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return (
    { string: 'a text', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? 'an object'
  );
};

const parsedJson = (of: Placeholder, text: string): Value => {
  if (text.trim() === '') return { missing: `[${of}] is empty`, isUnreadable: true };
  if (!isShallow(text)) {
    return { missing: `[${of}] is JSON nested deeper than ${deepestJson}`, isUnreadable: true };
  }
  try {
    return { is: JSON.parse(text) };
  } catch {
    return { missing: `[${of}] is not JSON`, isUnreadable: true };
  }
};

const isShallow = (text: string): boolean => {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isText) {
      if (code === 92) at++;
      else if (code === 34) isText = false;
    } else if (code === 34) isText = true;
    else if (code === 91 || code === 123) {
      if (++depth > deepestJson) return false;
    } else if (code === 93 || code === 125) depth--;
  }
  return true;
};
