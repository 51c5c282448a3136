import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { CheckDefinition } from './check.ts';

/**
 * Values in a config whose name says that they are secret are never shown again. Where one stands in an answer,
 * `hidden` stands for it, and sending `hidden` back keeps what is stored: what was read can be written again.
 * A reference such as `Bearer ${secret:NAME}` is no secret, and is shown.
 */
export const hidden = '[hidden]';

const secretName = /auth|bearer|cookie|token|secret|passw|passphrase|credential|key|session|signature|jwt/i;

type Config = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Config =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Nothing but references, with the name of an authentication scheme before them at most. */
const onlyReferences =
  /^(?:(?:bearer|basic|token|digest) +)?(?:\$\{(?:secret|step):[A-Za-z0-9_.-]{1,64}\})+$/i;

export const hideSecrets = (config: Config): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, shown(value, secretName.test(name))]),
  );

const shown = (value: unknown, isSecret: boolean): unknown => {
  if (typeof value === 'string') return isSecret && !onlyReferences.test(value) ? hidden : value;
  if (Array.isArray(value)) return value.map((one) => shown(one, isSecret));
  return isObject(value) ? hideSecrets(value) : value;
};

/** The definition with what `hidden` stands for. Throws VALIDATION_ERROR where nothing is stored to stand for. */
export const keepSecrets = (
  definition: CheckDefinition,
  stored: CheckDefinition | undefined,
): CheckDefinition => {
  const faults: FieldFault[] = [];
  // A secret belongs to the target it was given for: it does not follow the check to another one.
  const kept = stored && originOf(stored.target) === originOf(definition.target) ? stored.config : undefined;
  const config = restoredIn(definition.config, kept, 'config', faults);
  if (faults.length > 0) throw new DomainError('VALIDATION_ERROR', 'A hidden value is needed.', faults);
  return { ...definition, config };
};

const originOf = (target: string): string =>
  target.includes('://') && URL.canParse(target) ? new URL(target).origin : target;

/** Where a part of a config, such as one of several requests, goes to by itself; nothing for what goes to the target. */
const ownTargetOf = ({ url }: Config): string =>
  // To URLs a backslash is a slash.
  typeof url !== 'string' || /^\/(?![/\\])/.test(url) ? '' : originOf(url);

const restoredIn = (config: Config, stored: unknown, path: string, faults: FieldFault[]): Config => {
  const before = isObject(stored) && ownTargetOf(stored) === ownTargetOf(config) ? stored : {};
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const there = Object.hasOwn(before, name) ? before[name] : undefined;
      return [
        name,
        restored(value, there, { path: `${path}.${name}`, isSecret: secretName.test(name) }, faults),
      ];
    }),
  );
};

const restored = (
  value: unknown,
  stored: unknown,
  { path, isSecret }: { readonly path: string; readonly isSecret: boolean },
  faults: FieldFault[],
): unknown => {
  if (isObject(value)) return restoredIn(value, stored, path, faults);
  if (Array.isArray(value)) {
    const before: readonly unknown[] = Array.isArray(stored) ? stored : [];
    return value.map((one, at) => restored(one, before[at], { path: `${path}[${at}]`, isSecret }, faults));
  }
  if (value !== hidden || !isSecret) return value;
  if (typeof stored !== 'string') {
    faults.push({
      path,
      message: `Give the value itself: ${hidden} only keeps one that is stored for this target.`,
    });
  }
  return stored;
};
