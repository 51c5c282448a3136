/**
 * What Ref and Fn::GetAtt give for the resource types of our stacks, as CloudFormation documents them for each type.
 */
import type { MachineIdentity, Named } from './arns.ts';
import { COMPUTE } from './attributes/compute.ts';
import { DELIVERY, onThisMachine } from './attributes/delivery.ts';
import { MESSAGING } from './attributes/messaging.ts';
import { STORAGE } from './attributes/storage.ts';
import type { ResolvedResource, ResolveOptions } from './resolve.ts';

const TYPES = new Map(Object.entries({ ...COMPUTE, ...DELIVERY, ...MESSAGING, ...STORAGE }));

/**
 * The callbacks of `resolveTemplate` for a machine. They give undefined for a type or an attribute not in the table,
 * which the resolver refuses with the path that asked.
 */
export function identitiesOn(
  machine: MachineIdentity,
): Required<Pick<ResolveOptions, 'physicalIdOf' | 'attributeOf' | 'composed'>> {
  const named = (logicalId: string, resource: ResolvedResource): Named => {
    return { logicalId, properties: resource.properties, machine };
  };
  return {
    physicalIdOf: (logicalId, resource) => TYPES.get(resource.type)?.ref(named(logicalId, resource)),
    attributeOf: (logicalId, resource, attribute) => {
      const attributes = TYPES.get(resource.type)?.attributes ?? {};
      if (!Object.hasOwn(attributes, attribute)) return undefined;
      return attributes[attribute]?.(named(logicalId, resource));
    },
    composed: (text) => onThisMachine(text, machine),
  };
}

/** Whether the type's identity is known here. */
export function isKnownType(type: string): boolean {
  return TYPES.has(type);
}
