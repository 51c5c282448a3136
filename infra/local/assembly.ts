import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkHosted } from './hosted.ts';
import type { MachineIdentity } from './template/arns.ts';
import { identitiesOn } from './template/attributes.ts';
import { type ResolvedResource, type ResolvedStack, resolveTemplate } from './template/resolve.ts';

/** The assembly or its template cannot be hosted; the message is one line that says why. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}

/** The raw template as JSON: `patchTemplate` of a story may change it before it is read. */
export type RawTemplate = {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
} & Record<string, unknown>;

/** A synthesized stack on disk. */
export type Assembly = {
  readonly dir: string;
  readonly stackName: string;
  readonly template: RawTemplate;
};

type Manifest = {
  readonly artifacts?: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
      }
    >
  >;
};

const readJson = <T>(file: string): T => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    throw new AssemblyError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

/** Reads the one stack of the assembly in `dir` (what `cdk synth` wrote). */
export const readAssembly = (dir: string): Assembly => {
  const file = join(dir, 'manifest.json');
  if (!existsSync(file)) throw new AssemblyError(`${file} is missing: run npm run build`);
  const manifest = readJson<Manifest>(file);
  const stacks = Object.entries(manifest.artifacts ?? {}).filter(
    ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
  );
  const [first, second] = stacks;
  if (!first) throw new AssemblyError(`${file} names no stack`);
  if (second)
    throw new AssemblyError(
      `${file} names several stacks (${stacks.map(([name]) => name).join(', ')}); the local host takes one`,
    );
  const [name, { properties }] = first;
  return {
    dir,
    stackName: properties?.stackName ?? name,
    template: readJson<RawTemplate>(join(dir, properties?.templateFile ?? `${name}.template.json`)),
  };
};

/** The stack as this machine sees it: everything resolved, and only types that are hosted or known to be inert. */
export type LocalStack = {
  readonly machine: MachineIdentity;
  readonly stack: ResolvedStack;
  ofType(...types: string[]): readonly ResolvedResource[];
  /** What Ref gives. */
  refOf(resource: ResolvedResource): string;
  /** The ARN, or another attribute. */
  attributeOf(resource: ResolvedResource, attribute?: string): string;
  /** Where the code of a function lies. */
  codeDirOf(resource: ResolvedResource): string;
};

export const resolveAssembly = (assembly: Assembly, machine: MachineIdentity): LocalStack => {
  const identities = identitiesOn(machine);
  checkHosted(assembly.template);
  const stack = resolveTemplate(assembly.template, {
    accountId: machine.accountId,
    region: machine.region,
    stackName: machine.stackName,
    ...identities,
  });
  return {
    machine,
    stack,
    ofType: (...types) => [...stack.resources.values()].filter(({ type }) => types.includes(type)),
    refOf(resource) {
      const ref = identities.physicalIdOf(resource.logicalId, resource);
      if (ref === undefined)
        throw new AssemblyError(`${resource.logicalId}: nothing is known about Ref of ${resource.type}`);
      return ref;
    },
    attributeOf(resource, attribute = 'Arn') {
      const value = identities.attributeOf(resource.logicalId, resource, attribute);
      if (typeof value !== 'string')
        throw new AssemblyError(`${resource.logicalId}: ${resource.type} has no ${attribute}`);
      return value;
    },
    codeDirOf(resource) {
      const path = resource.metadata['aws:asset:path'];
      if (typeof path !== 'string') {
        throw new AssemblyError(
          `${resource.logicalId} says nowhere where its code lies: its metadata needs aws:asset:path`,
        );
      }
      const dir = resolve(assembly.dir, path);
      if (!existsSync(dir))
        throw new AssemblyError(`the code of ${resource.logicalId} is missing at ${dir}: run npm run build`);
      return dir;
    },
  };
};
