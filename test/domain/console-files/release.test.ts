import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { decideRelease, emptyFiles, putRelease, readRelease } from '../../../shared/console-files/index.ts';
import type { Files, FileToPut } from '../../../shared/platform/aws/files.aws.ts';

const day = 86_400_000;
const now = Date.parse('2026-03-31T12:00:00Z');
const daysAgo = (days: number) => now - days * day;

describe('what a release makes of the files that lie there', () => {
  const held = (files: Readonly<Record<string, number>>) =>
    Object.entries(files).map(([key, writtenAt]) => ({ key, writtenAt }));

  test.each([
    ['nothing lies there', {}, [], []],
    ['its own files lie there', { 'index.html': daysAgo(90), 'assets/new.js': daysAgo(90) }, [], []],
    // Its first release may be a year ago and still have been the current one a minute ago.
    ['a file of the release before', { 'assets/old.js': daysAgo(365) }, ['assets/old.js'], []],
    [
      'a file that no release holds for 30 days',
      { 'assets/old.js': daysAgo(365), 'retired/assets/old.js': daysAgo(30) },
      [],
      [],
    ],
    [
      'a file that no release holds for longer than 30 days',
      { 'assets/old.js': daysAgo(365), 'retired/assets/old.js': daysAgo(30) - 1 },
      [],
      ['assets/old.js', 'retired/assets/old.js'],
    ],
    [
      'a file that comes back with this release',
      { 'assets/new.js': daysAgo(90), 'retired/assets/new.js': daysAgo(60) },
      [],
      ['retired/assets/new.js'],
    ],
    ['a mark whose file is gone', { 'retired/assets/gone.js': daysAgo(1) }, [], ['retired/assets/gone.js']],
  ])('%s', (_, files, retire, remove) => {
    const decided = decideRelease(
      ['index.html', 'assets/new.js'],
      held(files as Record<string, number>),
      now,
    );
    expect(decided).toEqual({ retire, remove });
  });
});

/** A bucket in memory whose writes can fail after so many. */
const openBucket = () => {
  const objects = new Map<string, FileToPut & { readonly writtenAt: number }>();
  const order: string[] = [];
  const bucket = { objects, order, now, writesLeft: Number.POSITIVE_INFINITY };
  const write = () => {
    if (bucket.writesLeft <= 0) throw new Error('the function ended');
    bucket.writesLeft -= 1;
  };
  const files: Files = {
    address: 'console',
    async put(file) {
      write();
      order.push(file.key);
      objects.set(file.key, { ...file, writtenAt: bucket.now });
    },
    async list() {
      return [...objects].map(([key, { writtenAt }]) => ({ key, writtenAt }));
    },
    async delete(key) {
      write();
      objects.delete(key);
    },
  };
  return Object.assign(bucket, { files });
};

const fileOf = (key: string, text: string) => ({
  key,
  body: new TextEncoder().encode(text),
  contentType: 'text/plain',
  cacheControl: 'no-cache',
});
const releaseOf = (name: string) => [
  fileOf('assets/always.js', 'always'),
  fileOf(`assets/${name}.js`, name),
  fileOf('index.html', name),
];

describe('putting a release', () => {
  test('index.html comes last, when everything it names is there', async () => {
    const { files, order } = openBucket();
    await putRelease(files, releaseOf('a'), now);
    expect(order.at(-1)).toBe('index.html');
    expect(order.slice(0, -1).sort()).toEqual(['assets/a.js', 'assets/always.js']);
  });

  test('a tab of the release before finds its files for 30 days and not for longer', async () => {
    const bucket = openBucket();
    await putRelease(bucket.files, releaseOf('a'), now);
    bucket.now = now + 300 * day;
    await putRelease(bucket.files, releaseOf('b'), bucket.now);
    bucket.now += 30 * day;
    await putRelease(bucket.files, releaseOf('c'), bucket.now);
    expect(bucket.objects.has('assets/a.js')).toBe(true);
    bucket.now += 1;
    await putRelease(bucket.files, releaseOf('c'), bucket.now);
    expect(bucket.objects.has('assets/a.js')).toBe(false);
    expect(bucket.objects.has('assets/b.js')).toBe(true);
  });

  test('whatever came before, twice or broken off, the last one serves its own files whole; the end of the stack leaves none', async () => {
    const step = fc.record({
      act: fc.constantFrom('a', 'b', 'c', 'empty'),
      afterDays: fc.integer({ min: 0, max: 40 }),
      // Where the function ended in the middle, when it did.
      writes: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 8 }),
        fc.constantFrom('a', 'b', 'c'),
        async (steps, last) => {
          const bucket = openBucket();
          for (const { act, afterDays, writes } of steps) {
            bucket.now += afterDays * day;
            bucket.writesLeft = writes ?? Number.POSITIVE_INFINITY;
            const work =
              act === 'empty'
                ? emptyFiles(bucket.files)
                : putRelease(bucket.files, releaseOf(act), bucket.now);
            await work.catch(() => undefined);
            bucket.writesLeft = Number.POSITIVE_INFINITY;
          }
          await putRelease(bucket.files, releaseOf(last), bucket.now);
          const textOf = (key: string) => new TextDecoder().decode(bucket.objects.get(key)?.body);
          expect(['assets/always.js', `assets/${last}.js`, 'index.html'].map(textOf)).toEqual([
            'always',
            last,
            last,
          ]);
          const settled = [...bucket.objects.keys()].sort();
          await putRelease(bucket.files, releaseOf(last), bucket.now);
          expect([...bucket.objects.keys()].sort()).toEqual(settled);
          // A mark lies there for each file that is old, and for no other.
          const old = settled.filter(
            (key) => !key.startsWith('retired/') && !releaseOf(last).some((one) => one.key === key),
          );
          expect(settled.filter((key) => key.startsWith('retired/'))).toEqual(
            old.map((key) => `retired/${key}`),
          );
          await emptyFiles(bucket.files);
          expect(bucket.objects.size).toBe(0);
        },
      ),
    );
  });
});

describe('reading a release', () => {
  let folder = '';
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const written = async (files: Readonly<Record<string, string>>): Promise<URL> => {
    folder = await mkdtemp(join(tmpdir(), 'homeostat-release-'));
    await mkdir(join(folder, 'assets'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return pathToFileURL(`${folder}/`);
  };

  test('each file has its type; what carries a hash in its name is kept for a year, index.html is asked for each time', async () => {
    const folderUrl = await written({
      'index.html': '<!doctype html>',
      'icon.svg': '<svg/>',
      'assets/index-BWaH.css': 'a{}',
      'assets/index-C77c.js': '1',
    });
    const read = (await readRelease(folderUrl)).map(({ key, contentType, cacheControl }) => [
      key,
      contentType,
      cacheControl,
    ]);
    const oneYear = 'public, max-age=31536000, immutable';
    expect(read).toEqual([
      ['assets/index-BWaH.css', 'text/css; charset=utf-8', oneYear],
      ['assets/index-C77c.js', 'text/javascript; charset=utf-8', oneYear],
      ['icon.svg', 'image/svg+xml', 'public, max-age=3600'],
      ['index.html', 'text/html; charset=utf-8', 'no-cache'],
    ]);
  });

  test('a file of a type that browsers would refuse is refused before anything is put', async () => {
    const folderUrl = await written({ 'index.html': '', 'assets/font.xyz': '' });
    await expect(readRelease(folderUrl)).rejects.toThrow(/assets\/font\.xyz has no known type: add \.xyz to/);
  });

  test('a release without index.html is refused', async () => {
    await expect(readRelease(await written({ 'assets/a.js': '' }))).rejects.toThrow(/has no index\.html/);
  });
});
