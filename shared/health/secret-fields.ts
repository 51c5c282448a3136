import type { FieldFault } from '../platform/errors.ts';
import { textsIn } from './allowed.ts';
import type { CheckDefinition } from './check.ts';

const reference = '$'.concat('{secret:');

/**
 * References to secrets that stand where none is put in: they would go to the target as they are written. `fields` are
 * those of the kind in which they are replaced.
 */
export const misplacedSecrets = (
  { target, config, type }: Pick<CheckDefinition, 'target' | 'config' | 'type'>,
  fields: readonly string[] = [],
): FieldFault[] => {
  const isIn = (path: string): boolean => {
    const name = path.replace(/^config\./, '').replace(/\[\d+\]/g, '');
    return fields.some((field) =>
      field.endsWith('.*') ? name.startsWith(field.slice(0, -1)) : name === field,
    );
  };
  const faults = textsIn(config, 'config')
    .filter(([path, text]) => text.includes(reference) && !isIn(path))
    .map(([path]) => ({ path, message: `Give the text itself: ${placesOf(type, fields)}.` }));
  const inTarget = { path: 'target', message: 'Put no secret into the target: whoever may read sees it.' };
  return target.includes(reference) ? [inTarget, ...faults] : faults;
};

const placesOf = (type: string, fields: readonly string[]): string =>
  fields.length === 0
    ? `secrets are not put into checks of the kind ${type}`
    : `secrets are put only into ${fields.map((field) => `config.${field}`).join(', ')}`;
