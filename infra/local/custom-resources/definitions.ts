import type { LocalStack } from '../assembly.ts';
import { isCustomType } from '../hosted.ts';
import type { Json } from '../template/template.ts';

/** A resource that a function of the stack makes. */
export type CustomResource = {
  readonly logicalId: string;
  /** `Custom::ConsoleFiles` */
  readonly type: string;
  /** ARN of the function that is told what is wanted. */
  readonly serviceToken: string;
  /** As CloudFormation hands them over: every number and truth value as text. */
  readonly properties: Readonly<Record<string, Json>>;
};

/** In the order in which they can be made. */
export const readCustomResources = (local: LocalStack): readonly CustomResource[] =>
  [...local.stack.resources.values()]
    .filter(({ type }) => isCustomType(type))
    .map(({ logicalId, type, properties }) => ({
      logicalId,
      type,
      serviceToken: String(properties.ServiceToken),
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [name, asText(value)]),
      ),
    }));

const asText = (value: Json): Json => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asText(member)]));
};
