/**
 * Reads a synthesized CloudFormation template as one machine sees it: parameters filled in, conditions decided,
 * intrinsics replaced by values, resources in the order in which they can be made.
 */
import { createConditions } from './conditions.ts';
import { type Intrinsics, resolveValue } from './intrinsics.ts';
import { parameterValues } from './parameters.ts';
import { at, isRecord, type Json, type RawResource, readTemplate, refuse } from './template.ts';

export type ResolvedResource = {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, Json>>;
  /** Logical ids of what it refers to or names in DependsOn; all stand before it in the stack. */
  readonly dependsOn: readonly string[];
  /** The name of its condition, which holds: resources whose condition does not hold are left out. */
  readonly condition: string | undefined;
  /** As it stands in the template: CDK keeps asset and construct paths here. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly deletionPolicy: string | undefined;
};

export type ResolvedOutput = {
  readonly value: Json;
  readonly description: string | undefined;
  readonly exportName: Json | undefined;
};

export type ResolvedStack = {
  /** In dependency order. */
  readonly resources: ReadonlyMap<string, ResolvedResource>;
  readonly outputs: ReadonlyMap<string, ResolvedOutput>;
};

export type ResolveOptions = {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  /** Values for the template's parameters; the others take their default. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What Fn::GetAtt gives; undefined when the type has no such attribute. */
  readonly attributeOf: (
    logicalId: string,
    resource: ResolvedResource,
    attribute: string,
  ) => Json | undefined;
  /** What Ref gives; undefined when the type has none. */
  readonly physicalIdOf: (logicalId: string, resource: ResolvedResource) => string | undefined;
  /** The value of `{{resolve:service:key}}`; without it such a reference is refused. */
  readonly dynamicReference?: (service: string, key: string) => string;
  /** What a text that Fn::Join or Fn::Sub made is on this machine; without it, what it says. */
  readonly composed?: (text: string) => string;
};

/** Throws TemplateError naming the path in the template for whatever it cannot resolve. */
export function resolveTemplate(template: unknown, options: ResolveOptions): ResolvedStack {
  const source = readTemplate(template);
  const parameters = parameterValues(source.parameters, options);
  const conditions = createConditions(source.conditions, source.mappings, parameters);
  const resources = new Map<string, ResolvedResource>();
  const underWay: string[] = [];

  const resourceOf = (logicalId: string, path: string): ResolvedResource => {
    const done = resources.get(logicalId);
    if (done) return done;
    const raw = source.resources.get(logicalId);
    if (!raw) return refuse(path, `${logicalId} is neither a parameter nor a resource of the template`);
    if (raw.condition !== undefined && !conditions.holds(raw.condition, path)) {
      return refuse(path, `${logicalId} is not made, for its condition ${raw.condition} does not hold`);
    }
    if (underWay.includes(logicalId)) {
      const cycle = [...underWay.slice(underWay.indexOf(logicalId)), logicalId].join(' → ');
      return refuse(path, `the resources depend on one another in a circle: ${cycle}`);
    }
    underWay.push(logicalId);
    const resolved = resolveResource(logicalId, raw);
    underWay.pop();
    resources.set(logicalId, resolved);
    return resolved;
  };

  const intrinsicsFor = (dependsOn: Set<string>): Intrinsics => ({
    mappings: source.mappings,
    condition: conditions.holds,
    ...(options.dynamicReference && { dynamicReference: options.dynamicReference }),
    ...(options.composed && { composed: options.composed }),
    ref: (name, path) => {
      if (parameters.has(name)) return parameters.get(name);
      const resource = resourceOf(name, path);
      dependsOn.add(name);
      return (
        options.physicalIdOf(name, resource) ??
        refuse(path, `Ref of ${name}: ${resource.type} is not known to have one`)
      );
    },
    attribute: (name, attribute, path) => {
      const resource = resourceOf(name, path);
      dependsOn.add(name);
      return (
        options.attributeOf(name, resource, attribute) ??
        refuse(path, `${name}.${attribute}: ${resource.type} is not known to have the attribute ${attribute}`)
      );
    },
  });

  const resolveResource = (logicalId: string, raw: RawResource): ResolvedResource => {
    const path = `Resources.${logicalId}`;
    const dependsOn = new Set<string>();
    for (const [index, name] of raw.dependsOn.entries()) {
      const condition = source.resources.get(name)?.condition;
      // CloudFormation ignores a DependsOn on a resource whose condition does not hold.
      if (condition !== undefined && !conditions.holds(condition, path)) continue;
      resourceOf(name, `${path}.DependsOn[${index}]`);
      dependsOn.add(name);
    }
    const properties = resolveValue(raw.properties, `${path}.Properties`, intrinsicsFor(dependsOn));
    return {
      logicalId,
      type: raw.type,
      properties: isRecord(properties) ? properties : {},
      dependsOn: [...dependsOn],
      condition: raw.condition,
      metadata: raw.metadata,
      deletionPolicy: raw.deletionPolicy,
    };
  };

  for (const [logicalId, raw] of source.resources) {
    const path = `Resources.${logicalId}`;
    if (raw.condition === undefined || conditions.holds(raw.condition, path)) resourceOf(logicalId, path);
  }
  return { resources, outputs: resolveOutputs(source.outputs, intrinsicsFor(new Set())) };
}

function resolveOutputs(
  outputs: Readonly<Record<string, unknown>>,
  intrinsics: Intrinsics,
): Map<string, ResolvedOutput> {
  const resolved = new Map<string, ResolvedOutput>();
  for (const [name, output] of Object.entries(outputs)) {
    const path = at('Outputs', name);
    if (!isRecord(output) || output.Value === undefined)
      return refuse(path, 'an output must be an object with a Value');
    const condition = output.Condition;
    if (typeof condition === 'string' && !intrinsics.condition(condition, path)) continue;
    const exported = isRecord(output.Export) ? output.Export.Name : undefined;
    const description = output.Description;
    resolved.set(name, {
      value: resolveValue(output.Value, at(path, 'Value'), intrinsics) ?? null,
      description: typeof description === 'string' ? description : undefined,
      exportName:
        exported === undefined ? undefined : resolveValue(exported, at(path, 'Export.Name'), intrinsics),
    });
  }
  return resolved;
}
