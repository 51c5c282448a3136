/**
 * The process that builds the console with Vite. It is sent where the files go, answers once, and ends.
 */
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

export type ConsoleBuildAnswer = { readonly failure?: string };

const configFile = fileURLToPath(new URL('../../web/vite.config.ts', import.meta.url));

process.once('message', async ({ outDir }: { readonly outDir: string }) => {
  let answer: ConsoleBuildAnswer = {};
  try {
    const { build } = await import('vite');
    // Node reads the configuration as it reads every other module here; bundling it first takes longer than the build.
    await build({
      configFile,
      configLoader: 'native',
      logLevel: 'silent',
      build: { outDir, emptyOutDir: true },
    });
  } catch (error) {
    answer = { failure: stripVTControlCharacters(error instanceof Error ? error.message : String(error)) };
  }
  process.send?.(answer, () => process.exit());
});
// Whoever wanted the console ended: nobody waits for it any more.
process.once('disconnect', () => process.exit(1));
