import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { configFromContext, projectContext } from './config.ts';
import { bundleProgram } from './constructs/bundle.ts';
import { synthesize } from './synth.ts';

// `npm run build`: everything that a deployment or an installation needs, made from the sources.

const projectRoot = fileURLToPath(new URL('../', import.meta.url));
const assemblyDir = `${projectRoot}cdk.out`;
const program = `${projectRoot}dist/homeostat.mjs`;

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} KB`;

const buildStack = async (): Promise<void> => {
  console.log('Bundling the functions and synthesizing the stack');
  const config = configFromContext(projectContext(`${projectRoot}cdk.json`));
  const { stackName, bundles } = await synthesize({ outdir: assemblyDir, config, checked: true });
  for (const { name, staticBytes, totalBytes } of Object.values(bundles)) {
    console.log(
      `  ${name.padEnd(12)} ${kilobytes(staticBytes).padStart(8)} at start, ${kilobytes(totalBytes)} in all`,
    );
  }
  console.log(`  stack ${stackName} in cdk.out`);
};

const buildProgram = async (): Promise<void> => {
  console.log('Bundling the command line program');
  const text = await bundleProgram('cli/main.ts');
  await mkdir(`${projectRoot}dist`, { recursive: true });
  await writeFile(program, text);
  console.log(`  dist/homeostat.mjs, ${kilobytes(Buffer.byteLength(text))}`);
};

try {
  await buildStack();
  await buildProgram();
} catch (error) {
  const expected = error instanceof Error && ['ConfigError', 'BundleError'].includes(error.name);
  console.error(expected ? error.message : error);
  process.exitCode = 1;
}
