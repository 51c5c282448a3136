/** The template's own shape, before anything in it is resolved. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export function refuse(path: string, reason: string): never {
  throw new TemplateError(`The template cannot be resolved at ${path}: ${reason}.`);
}

export function at(path: string, key: string | number): string {
  return typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`;
}

export type RawResource = {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly deletionPolicy: string | undefined;
};

type Section = Readonly<Record<string, unknown>>;

export type Template = {
  readonly parameters: Section;
  readonly mappings: Section;
  readonly conditions: Section;
  readonly resources: ReadonlyMap<string, RawResource>;
  readonly outputs: Section;
};

/** Rules, Metadata and Description say nothing about resources; a Transform would change them unseen. */
export function readTemplate(template: unknown): Template {
  if (!isRecord(template)) return refuse('its root', 'a template must be an object');
  if (template.Transform !== undefined) return refuse('Transform', 'macros and transforms are not supported');
  const section = (name: string): Section => {
    const value = template[name] ?? {};
    return isRecord(value) ? value : refuse(name, 'it must be an object');
  };
  const resources = Object.entries(section('Resources')).map(
    ([logicalId, resource]): [string, RawResource] => {
      return [logicalId, readResource(resource, `Resources.${logicalId}`)];
    },
  );
  return {
    parameters: section('Parameters'),
    mappings: section('Mappings'),
    conditions: section('Conditions'),
    resources: new Map(resources),
    outputs: section('Outputs'),
  };
}

function readResource(resource: unknown, path: string): RawResource {
  if (!isRecord(resource)) return refuse(path, 'a resource must be an object');
  const type = resource.Type;
  if (typeof type !== 'string') return refuse(path, 'a resource must have a Type');
  const properties = resource.Properties ?? {};
  if (!isRecord(properties)) return refuse(`${path}.Properties`, 'it must be an object');
  const dependsOn = [resource.DependsOn ?? []].flat();
  const { Metadata: metadata, Condition: condition, DeletionPolicy: deletionPolicy } = resource;
  return {
    type,
    properties,
    dependsOn: dependsOn.map((name) =>
      typeof name === 'string' ? name : refuse(`${path}.DependsOn`, 'it must name resources'),
    ),
    condition: typeof condition === 'string' ? condition : undefined,
    metadata: isRecord(metadata) ? metadata : {},
    deletionPolicy: typeof deletionPolicy === 'string' ? deletionPolicy : undefined,
  };
}

export function isRecord<T = unknown>(value: unknown): value is Record<string, T> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
