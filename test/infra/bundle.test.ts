import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contracts } from '../../functions/index.ts';
import { bundleFunctions } from '../../infra/constructs/bundle.ts';
import { realBundles, temporaryFolder } from './assembly.ts';

const names = Object.values(contracts).map(({ name }) => name);

describe('bundles', () => {
  test.each(names)('%s loads in Node from its bundle alone and has a handler', async (name) => {
    const bundle = (await realBundles())[name];
    const loaded: unknown = await import(pathToFileURL(join(bundle?.dir ?? '', 'index.mjs')).href);
    expect(loaded).toHaveProperty('handler', expect.any(Function));
  });

  const lean = names.filter((name) => !['api', 'page', 'evaluator'].includes(name));
  test.each(lean)(
    '%s reads neither schemas, patterns, drivers nor YAML before its first invocation',
    async (name) => {
      const bundle = (await realBundles())[name];
      expect(bundle?.staticSources).toContain(`functions/${name}/handler.ts`);
      expect(
        bundle?.staticSources.filter((path) =>
          /node_modules\/(zod|re2|re2js|yaml|croner|pg|mysql2|ioredis|ws)\//.test(path),
        ),
      ).toEqual([]);
    },
  );

  test.each(['runner', 'dispatcher', 'authorizer'])(
    '%s reads at most 700 KB before its first invocation',
    async (name) => {
      const bundle = (await realBundles())[name];
      expect(bundle?.staticBytes).toBeGreaterThan(0);
      expect(bundle?.staticBytes).toBeLessThanOrEqual(700_000);
      expect(bundle?.totalBytes).toBeGreaterThanOrEqual(bundle?.staticBytes ?? 0);
    },
  );

  test('the same sources give the same code, so that a second deployment changes nothing', async () => {
    const again = await bundleFunctions(['runner'], await temporaryFolder());
    expect(again.runner?.hash).toBe((await realBundles()).runner?.hash);
  });

  test('one of those that are bundled together has the same code when it is wanted alone', async () => {
    const alone = await bundleFunctions(['remedy-gate'], await temporaryFolder());
    expect(Object.keys(alone)).toEqual(['remedy-gate']);
    expect(alone['remedy-gate']?.hash).toBe((await realBundles())['remedy-gate']?.hash);
  });

  test('what a function carries lies beside its code and counts for its hash', async () => {
    const from = await temporaryFolder();
    await mkdir(join(from, 'assets'));
    await writeFile(join(from, 'assets', 'a.js'), 'a');
    const carried = { 'console-files': { as: 'console', from: Promise.resolve(from) } };
    const bundle = async () =>
      (await bundleFunctions(['console-files'], await temporaryFolder(), carried))['console-files'];
    const [one, same] = [await bundle(), await bundle()];
    expect(await readFile(join(one?.dir ?? '', 'console/assets/a.js'), 'utf8')).toBe('a');
    expect(same?.hash).toBe(one?.hash);
    await writeFile(join(from, 'assets', 'a.js'), 'b');
    expect((await bundle())?.hash).not.toBe(one?.hash);
  });

  test('a function without a handler is refused with the name of the file, and all such at once', async () => {
    const outcome = bundleFunctions(['nowhere', 'nothing'], await temporaryFolder());
    await expect(outcome).rejects.toThrow(
      /functions\/nowhere\/handler\.ts is missing[\s\S]*functions\/nothing\/handler\.ts is missing/,
    );
  });
});
