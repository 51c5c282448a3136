import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { CheckDefinition } from './check.ts';

/**
 * Values in a config whose name says that they are secret are never shown again. Where one stands in an answer,
 * `hidden` stands for it, and sending `hidden` back keeps what is stored: what was read can be written again.
 */
export const hidden = '[hidden]';

const secretName = /auth|cookie|token|secret|passw|passphrase|credential|key|session|signature|jwt/i;

type Config = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Config =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

export const hideSecrets = (config: Config): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      if (isObject(value)) return [name, hideSecrets(value)];
      return [name, typeof value === 'string' && secretName.test(name) ? hidden : value];
    }),
  );

/** The definition with what `hidden` stands for. Throws VALIDATION_ERROR where nothing is stored to stand for. */
export const keepSecrets = (
  definition: CheckDefinition,
  stored: CheckDefinition | undefined,
): CheckDefinition => {
  const faults: FieldFault[] = [];
  // A secret belongs to the target it was given for: it does not follow the check to another one.
  const kept = stored && originOf(stored.target) === originOf(definition.target) ? stored.config : undefined;
  const config = restored(definition.config, kept, 'config', faults);
  if (faults.length > 0) throw new DomainError('VALIDATION_ERROR', 'A hidden value is needed.', faults);
  return { ...definition, config };
};

const originOf = (target: string): string =>
  target.includes('://') && URL.canParse(target) ? new URL(target).origin : target;

const restored = (config: Config, stored: unknown, path: string, faults: FieldFault[]): Config =>
  Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const before = isObject(stored) && Object.hasOwn(stored, name) ? stored[name] : undefined;
      if (isObject(value)) return [name, restored(value, before, `${path}.${name}`, faults)];
      if (value !== hidden || !secretName.test(name)) return [name, value];
      if (typeof before !== 'string') {
        faults.push({
          path: `${path}.${name}`,
          message: `Give the value itself: ${hidden} only keeps one that is stored for this target.`,
        });
      }
      return [name, before];
    }),
  );
