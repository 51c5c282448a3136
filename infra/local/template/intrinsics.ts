/**
 * Replaces the intrinsic functions of one value. A function is an object with the single key `Ref` or `Fn::…`.
 */
import { NO_VALUE } from './parameters.ts';
import { at, isRecord, type Json, refuse } from './template.ts';

export type Resolved = Json | typeof NO_VALUE | undefined;

/** What the functions ask of their surroundings. */
export type Intrinsics = {
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly condition: (name: string, path: string) => boolean;
  readonly ref: (name: string, path: string) => Resolved;
  readonly attribute: (logicalId: string, attribute: string, path: string) => Json;
  readonly dynamicReference?: (service: string, key: string) => string;
  /** What a text put together from parts is in these surroundings. */
  readonly composed?: (text: string) => string;
};

/** The value without functions; undefined when it is AWS::NoValue. */
export function resolveValue(value: unknown, path: string, intrinsics: Intrinsics): Json | undefined {
  const resolved = resolve(value, path, intrinsics);
  return resolved === NO_VALUE ? undefined : resolved;
}

function resolve(value: unknown, path: string, intrinsics: Intrinsics): Resolved {
  if (typeof value === 'string') return replaceDynamic(value, path, intrinsics);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    return value
      .map((element, index) => resolveValue(element, at(path, index), intrinsics))
      .filter((element) => element !== undefined);
  }
  if (!isRecord(value)) return refuse(path, `${typeof value} is not JSON`);
  const [name, ...others] = Object.keys(value);
  if (name === undefined || !(name === 'Ref' || name.startsWith('Fn::')))
    return resolveObject(value, path, intrinsics);
  if (others.length > 0)
    return refuse(path, `${name} must stand alone, but ${others.join(', ')} stands beside it`);
  const resolved = applyFunction(name, value[name], at(path, name), intrinsics);
  return typeof resolved === 'string' ? replaceDynamic(resolved, path, intrinsics) : resolved;
}

function resolveObject(object: Record<string, unknown>, path: string, intrinsics: Intrinsics): Json {
  const stray = Object.keys(object).find((key) => key === 'Ref' || key.startsWith('Fn::'));
  if (stray !== undefined) return refuse(path, `${stray} must stand alone in its object`);
  const entries = Object.entries(object)
    .map(([key, member]): [string, Json | undefined] => [
      key,
      resolveValue(member, at(path, key), intrinsics),
    ])
    .filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

type IntrinsicFunction = (operand: unknown, path: string, intrinsics: Intrinsics) => Resolved;

const FUNCTIONS: Readonly<Record<string, IntrinsicFunction>> = {
  Ref: (operand, path, { ref }) => {
    return typeof operand === 'string'
      ? ref(operand, path)
      : refuse(path, 'Ref takes the name of a parameter or resource');
  },
  'Fn::GetAtt': getAtt,
  'Fn::Join': (operand, path, intrinsics) => {
    const [delimiter, parts] = pair(operand, path, intrinsics);
    if (typeof delimiter !== 'string') return refuse(path, 'the delimiter must be text');
    const joined = list(parts, path)
      .map((part) => text(part, path))
      .join(delimiter);
    return intrinsics.composed?.(joined) ?? joined;
  },
  'Fn::Split': (operand, path, intrinsics) => {
    const [delimiter, source] = pair(operand, path, intrinsics);
    if (typeof delimiter !== 'string' || delimiter === '') return refuse(path, 'the delimiter must be text');
    return text(source, path).split(delimiter);
  },
  'Fn::Select': (operand, path, intrinsics) => {
    const [index, source] = pair(operand, path, intrinsics);
    const values = list(source, path);
    return (
      values[Number(index)] ?? refuse(path, `there is no element ${text(index, path)} among ${values.length}`)
    );
  },
  'Fn::Sub': sub,
  'Fn::If': (operand, path, intrinsics) => {
    if (!Array.isArray(operand) || operand.length !== 3 || typeof operand[0] !== 'string') {
      return refuse(path, 'Fn::If takes the name of a condition and two values');
    }
    const branch = intrinsics.condition(operand[0], path) ? 1 : 2;
    return resolve(operand[branch], at(path, branch), intrinsics);
  },
  'Fn::FindInMap': findInMap,
  'Fn::Base64': (operand, path, intrinsics) => {
    return Buffer.from(text(resolveValue(operand, path, intrinsics), path), 'utf8').toString('base64');
  },
  'Fn::ImportValue': (_operand, path) =>
    refuse(path, 'a stack on one machine cannot import values of other stacks'),
  'Fn::Cidr': (_operand, path) =>
    refuse(path, 'Fn::Cidr is not supported: give the address blocks by configuration'),
  'Fn::GetAZs': (_operand, path) => refuse(path, 'one machine has no availability zones'),
};

function applyFunction(name: string, operand: unknown, path: string, intrinsics: Intrinsics): Resolved {
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  return known ? known(operand, path, intrinsics) : refuse(path, `the function ${name} is unknown`);
}

/** `"Resource.Attribute"` or `["Resource", "Attribute"]`, whose attribute may itself be computed. */
function getAtt(operand: unknown, path: string, intrinsics: Intrinsics): Json {
  if (typeof operand === 'string') {
    const dot = operand.indexOf('.');
    if (dot <= 0) return refuse(path, 'Fn::GetAtt takes Resource.Attribute');
    return intrinsics.attribute(operand.slice(0, dot), operand.slice(dot + 1), path);
  }
  if (!Array.isArray(operand) || operand.length !== 2 || typeof operand[0] !== 'string') {
    return refuse(path, 'Fn::GetAtt takes a resource and an attribute');
  }
  return intrinsics.attribute(
    operand[0],
    text(resolveValue(operand[1], at(path, 1), intrinsics), path),
    path,
  );
}

/** `${Name}`, `${Resource.Attribute}`, `${Own}` from the map beside it; `${!Literal}` is `${Literal}`. */
function sub(operand: unknown, path: string, intrinsics: Intrinsics): string {
  const [template, own] = Array.isArray(operand) ? operand : [operand, {}];
  if (typeof template !== 'string' || !isRecord(own))
    return refuse(path, 'Fn::Sub takes a text, or a text and a map');
  const substituted = template.replaceAll(/\$\{([^}]*)\}/g, (_whole, inner: string) => {
    if (inner.startsWith('!')) return `\${${inner.slice(1)}}`;
    const name = inner.trim();
    if (Object.hasOwn(own, name)) return text(resolveValue(own[name], at(path, name), intrinsics), path);
    const dot = name.includes('::') ? -1 : name.indexOf('.');
    if (dot > 0) return text(intrinsics.attribute(name.slice(0, dot), name.slice(dot + 1), path), path);
    return text(intrinsics.ref(name, path), path);
  });
  return intrinsics.composed?.(substituted) ?? substituted;
}

function findInMap(operand: unknown, path: string, intrinsics: Intrinsics): Json {
  if (!Array.isArray(operand) || operand.length < 3)
    return refuse(path, 'Fn::FindInMap takes a map and two keys');
  const keys = operand
    .slice(0, 3)
    .map((key, index) => text(resolveValue(key, at(path, index), intrinsics), path));
  let found: unknown = intrinsics.mappings;
  for (const key of keys) found = isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  const fallback: unknown = isRecord(operand[3]) ? operand[3].DefaultValue : undefined;
  const value = resolveValue(found ?? fallback ?? null, path, intrinsics);
  return value ?? refuse(path, `the mapping has no ${keys.join('.')}`);
}

function replaceDynamic(value: string, path: string, intrinsics: Intrinsics): string {
  return value.replaceAll(/\{\{resolve:([^:}]+):([^}]+)\}\}/g, (whole, service: string, key: string) => {
    return intrinsics.dynamicReference?.(service, key) ?? refuse(path, `${whole} cannot be looked up here`);
  });
}

function pair(operand: unknown, path: string, intrinsics: Intrinsics): [Json | undefined, Json | undefined] {
  if (!Array.isArray(operand) || operand.length !== 2) return refuse(path, 'it takes a list of two');
  return [
    resolveValue(operand[0], at(path, 0), intrinsics),
    resolveValue(operand[1], at(path, 1), intrinsics),
  ];
}

function list(value: Json | undefined, path: string): readonly Json[] {
  return Array.isArray(value) ? value : refuse(path, 'it takes a list of values');
}

function text(value: Resolved, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return refuse(path, 'only texts and numbers can stand in a text');
}
