import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { synthesizeApart } from '../../infra/local/start/synthesis.ts';
import { hashSources } from '../../infra/sources.ts';
import { synthesizeIfChanged } from '../../infra/synth.ts';
import { contractsOf, temporaryFolder } from './assembly.ts';

const run = promisify(execFile);

describe('synthesizing again', () => {
  const config = parseConfig();
  const quiet = parseConfig({ logLevel: 'error' });

  test('happens when sources or configuration changed, or the last synthesis did not end (fault 3)', async () => {
    const outdir = await temporaryFolder();
    const synthesized = async (with_: typeof config) =>
      (await synthesizeIfChanged({ outdir, config: with_ })).synthesized;
    expect(await synthesized(config)).toBe(true);
    expect(await synthesized(config)).toBe(false);

    // The synthesis cannot write its bundles and ends in the middle; the assembly of before is not to be trusted.
    await rm(join(outdir, 'functions'), { recursive: true });
    await writeFile(join(outdir, 'functions'), '');
    await expect(synthesized(quiet)).rejects.toThrow(/functions/);
    await rm(join(outdir, 'functions'));
    expect(await synthesized(config)).toBe(true);

    await rm(join(outdir, 'manifest.json'));
    expect(await synthesized(config)).toBe(true);
  });

  test('an unchanged start loads neither CDK nor esbuild', async () => {
    const outdir = await temporaryFolder();
    await synthesizeIfChanged({ outdir, config });
    const program = `
      import { createRequire } from 'node:module';
      import { parseConfig } from './infra/config.ts';
      import { synthesizeIfChanged } from './infra/synth.ts';
      const answer = await synthesizeIfChanged({ outdir: ${JSON.stringify(outdir)}, config: parseConfig() });
      const loaded = Object.keys(createRequire(import.meta.url).cache);
      console.log(JSON.stringify({ ...answer, heavy: loaded.filter((path) => /aws-cdk-lib|esbuild/.test(path)).length }));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program]);
    expect(JSON.parse(stdout)).toEqual({ synthesized: false, heavy: 0 });
  });

  test('the assembly holds every bundle where the template says the code lies', async () => {
    const outdir = await temporaryFolder();
    await synthesizeIfChanged({ outdir, config });
    const template = JSON.parse(await readFile(join(outdir, 'Homeostat.template.json'), 'utf8'));
    const functions = Object.values<{ Type: string; Metadata?: Record<string, string> }>(
      template.Resources,
    ).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(functions).toHaveLength(contractsOf().length);
    for (const { Metadata: metadata } of functions) {
      const code = await readFile(join(outdir, metadata?.['aws:asset:path'] ?? '', 'index.mjs'), 'utf8');
      expect(code).toContain('export{');
    }
  });
});

describe('synthesizing in a process of its own, as npm start does', () => {
  const config = parseConfig();
  afterEach(() => vi.unstubAllEnvs());

  test('is over when the assembly is there, also under node --watch, which lets children report what they load', async () => {
    vi.stubEnv('WATCH_REPORT_DEPENDENCIES', '1');
    const outdir = await temporaryFolder();
    await synthesizeApart({ outdir, config });
    expect(Object.keys(JSON.parse(await readFile(join(outdir, 'manifest.json'), 'utf8')))).toContain(
      'artifacts',
    );
  });

  test('fails with the sentence that says why', async () => {
    const file = join(await temporaryFolder(), 'a-file');
    await writeFile(file, '');
    await expect(synthesizeApart({ outdir: join(file, 'below'), config })).rejects.toThrow(/ENOTDIR/);
  });
});

describe('the hash of the sources', () => {
  const project = async () => {
    const root = await temporaryFolder();
    for (const path of ['functions/api', 'infra/local', 'shared/health', 'web']) {
      await mkdir(join(root, path), { recursive: true });
    }
    const write = (path: string, text: string) => writeFile(join(root, path), text);
    await write('cdk.json', '{}');
    await write('package-lock.json', '{}');
    await write('shared/health/fold.ts', 'export const fold = 1;');
    await write('infra/local/host.ts', 'export const host = 1;');
    return { root, write, hash: (config: unknown = {}) => hashSources(root, config) };
  };

  test.each([
    ['a source', 'shared/health/fold.ts'],
    ['a new source', 'functions/api/handler.ts'],
    ['a page', 'web/page.html'],
    ['the versions of packages', 'package-lock.json'],
    ["CDK's own flags", 'cdk.json'],
  ])('changes with %s', async (_, path) => {
    const { write, hash } = await project();
    const before = await hash();
    await write(path, 'export const other = 2;');
    expect(await hash()).not.toBe(before);
  });

  test('changes with the configuration', async () => {
    const { hash } = await project();
    expect(await hash({ logLevel: 'warn' })).not.toBe(await hash({ logLevel: 'info' }));
  });

  test('changes when text moves from one file to the next', async () => {
    const { write, hash } = await project();
    await write('web/a.css', 'ab');
    await write('web/b.css', 'c');
    const before = await hash();
    await write('web/a.css', 'a');
    await write('web/b.css', 'bc');
    expect(await hash()).not.toBe(before);
  });

  test('stays with the time of a file, and with the local host, which only reads the assembly', async () => {
    const { root, write, hash } = await project();
    const before = await hash();
    await utimes(join(root, 'shared/health/fold.ts'), 1, 1);
    await write('infra/local/host.ts', 'export const host = 2;');
    expect(await hash()).toBe(before);
  });
});
