import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App } from 'aws-cdk-lib/core';
import { systemClock } from '../shared/platform/clock.ts';
import type { FunctionContract } from '../shared/platform/function/contract.ts';
import { projectContext, type StackConfig } from './config.ts';
import type { Bundles, Carried } from './constructs/bundle.ts';
import { deployedContracts } from './deployed.ts';
import { hashSources } from './sources.ts';

// CDK and esbuild are loaded only when something is synthesized: an unchanged start must not wait for them.

const projectRoot = fileURLToPath(new URL('../', import.meta.url));
const cdkJson = join(projectRoot, 'cdk.json');

/** Of what is in the assembly, written last: an interrupted synthesis leaves none. */
const stampName = 'sources.sha256';
const oneDayMs = 86_400_000;

export type SynthesisOptions = {
  /** Where the cloud assembly goes. */
  readonly outdir: string;
  readonly config: StackConfig;
  /** Also checks the template against cdk-nag's AwsSolutions and CDK's own rules; a broken rule is an error. */
  readonly checked?: boolean;
};
export type Assembly = {
  readonly stackName: string;
  readonly templateFile: string;
  readonly bundles: Bundles;
};

/** Directories of older code go when no host can be running them any more. */
const pruneBundles = async (dir: string, bundles: Bundles, now: number): Promise<void> => {
  const current = new Set(Object.values(bundles).map((bundle) => bundle.dir));
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    if (current.has(path)) continue;
    const { mtimeMs } = await stat(path);
    if (now - mtimeMs > oneDayMs) await rm(path, { recursive: true, force: true });
  }
};

/** What lies beside functions is built in processes of its own, while esbuild bundles their code. */
const carriedBy = (contracts: readonly FunctionContract[]): Carried => {
  const from = import('./console/build.ts').then(async ({ buildConsole }) => (await buildConsole()).dir);
  // Whoever carries it is told of a failure; one that nobody waits for any more must not end the process.
  from.catch(() => undefined);
  return Object.fromEntries(
    contracts.flatMap(({ name, carries }) => (carries ? [[name, { as: carries, from }]] : [])),
  );
};

const bundleInto = async (outdir: string, config: StackConfig): Promise<Bundles> => {
  const dir = join(outdir, 'functions');
  const contracts = deployedContracts(config);
  const carried = carriedBy(contracts);
  const { bundleFunctions } = await import('./constructs/bundle.ts');
  const names = contracts.map((contract) => contract.name);
  const bundles = await bundleFunctions(names, dir, carried);
  await pruneBundles(dir, bundles, systemClock());
  return bundles;
};

/** Builds the stack into an app, its code into the app's own assembly, and synthesizes it. */
export const synthesizeInto = async (
  app: App,
  { config, checked }: Pick<SynthesisOptions, 'config' | 'checked'>,
  bundling = bundleInto(app.outdir, config),
): Promise<Assembly> => {
  const [{ HomeostatStack }, { routes }, bundles] = await Promise.all([
    import('./stack.ts'),
    import('../shared/platform/api/table.ts'),
    bundling,
  ]);
  // From here on the assembly is not the one that a stamp of before speaks of.
  await rm(join(app.outdir, stampName), { force: true });
  const stack = new HomeostatStack(app, { config, bundles, routes });
  if (checked) {
    const { AwsSolutionsChecks } = await import('cdk-nag');
    const { Validations } = await import('aws-cdk-lib/core');
    Validations.of(app).addPlugins(new AwsSolutionsChecks());
  }
  const templateFile = app.synth().getStackArtifact(stack.artifactId).templateFullPath;
  return { stackName: stack.stackName, templateFile, bundles };
};

/** Bundles all functions and writes the cloud assembly to `outdir`, in this process and without the CDK CLI. */
export const synthesize = async ({
  outdir,
  config,
  checked = false,
}: SynthesisOptions): Promise<Assembly> => {
  const target = resolve(outdir);
  // esbuild works in a process of its own, while this one loads CDK.
  const bundling = bundleInto(target, config);
  const [{ App }] = await Promise.all([import('aws-cdk-lib/core'), import('./stack.ts'), bundling]);
  const app = new App({
    outdir: target,
    context: projectContext(cdkJson),
    autoSynth: false,
    treeMetadata: false,
    builtinCloudFormationValidation: checked,
  });
  return synthesizeInto(app, { config, checked }, bundling);
};

/**
 * Synthesizes unless `outdir` already holds the assembly of these very sources and this configuration. What was
 * interrupted, or changed while it was read, is done again the next time. `how` may do it in another process.
 */
export const synthesizeIfChanged = async (
  options: SynthesisOptions,
  how: (options: SynthesisOptions) => Promise<unknown> = synthesize,
): Promise<{ readonly synthesized: boolean }> => {
  const stamp = join(options.outdir, stampName);
  const hash = await hashSources(projectRoot, options.config);
  const held = await readFile(stamp, 'utf8').catch(() => undefined);
  if (held === hash && existsSync(join(options.outdir, 'manifest.json'))) return { synthesized: false };
  await rm(stamp, { force: true });
  await mkdir(options.outdir, { recursive: true });
  await how(options);
  await writeFile(`${stamp}.part`, hash);
  await rename(`${stamp}.part`, stamp);
  return { synthesized: true };
};
