import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createNamed,
  putNamed,
  removeNamed,
  replaceNamed,
  withdrawNamed,
} from '../../shared/catalog/index.ts';
import {
  loadStatusPage,
  loadStatusPages,
  type StatusPageDefinition,
  statusPageKind,
} from '../../shared/status-pages/index.ts';
import { openTable, type Table } from '../../shared/storage/index.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

const noon = 1_800_000_000_000;

describe('status pages in the state table', () => {
  let engine: Engine;
  let state: Table;
  let now = noon;
  let ids = 0;
  beforeAll(async () => {
    engine = await startEngine();
    await createTable(engine.client, 'state');
    state = openTable('state', () => now, { client: engine.client });
  });
  afterAll(() => engine.stop());

  const world = () => ({
    state,
    clock: () => now,
    newId: () => `id-${ids++}`,
    place: { accountId: '111122223333', region: 'eu-central-1' },
  });
  const page = (slug: string, over: Partial<StatusPageDefinition> = {}): StatusPageDefinition => ({
    slug,
    name: `Page ${slug}`,
    timeZone: 'UTC',
    isPublished: true,
    groups: [{ name: 'a', checks: [{ deploymentId: 'shop', name: 'home', label: 'Website' }] }],
    ...over,
  });
  const by = 'token:ann';

  test('what is written is read again as it was, by its slug, with the largest logo there can be', async () => {
    const logoUrl = `data:image/png;base64,${'A'.repeat(43_692)}`;
    const definition = page('whole', { logoUrl, accentColor: '#0a7d5c' });
    await createNamed(world(), statusPageKind, definition, { by });
    expect(await loadStatusPage(state, 'whole')).toEqual({
      id: 'whole',
      definition,
      revision: 1,
      managedBy: 'api',
      createdAt: noon,
      updatedAt: noon,
    });
    expect(await loadStatusPage(state, 'nosuch')).toBeUndefined();
  });

  test('all are read by slug, drafts too; what was removed is gone from both readings', async () => {
    for (const slug of ['b', 'a', 'c'])
      await createNamed(world(), statusPageKind, page(slug, { isPublished: slug !== 'b' }), { by });
    await removeNamed(world(), statusPageKind, 'c', { by });
    expect((await loadStatusPages(state)).map(({ id }) => id)).toEqual(['a', 'b', 'whole']);
    expect(await loadStatusPage(state, 'c')).toBeUndefined();
  });

  test('a replacement is a revision; the same again is none, and keeps its time', async () => {
    const wanted = page('a', { name: 'New' });
    now += 60_000;
    expect((await replaceNamed(world(), statusPageKind, 'a', () => wanted, { by })).outcome).toBe('updated');
    now += 60_000;
    expect((await replaceNamed(world(), statusPageKind, 'a', () => wanted, { by })).outcome).toBe(
      'unchanged',
    );
    expect(await loadStatusPage(state, 'a')).toMatchObject({ revision: 2, updatedAt: noon + 60_000 });
  });

  test('a file makes, keeps, changes and takes away its own, and leaves those of the API alone', async () => {
    const asFile = { by, owner: 'file' } as const;
    const put = async (definition: StatusPageDefinition) =>
      (await putNamed(world(), statusPageKind, definition, asFile)).outcome;
    expect(await put(page('file'))).toBe('created');
    expect(await put(page('file'))).toBe('unchanged');
    expect(await put(page('file', { name: 'New' }))).toBe('updated');
    await expect(put(page('a'))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await withdrawNamed(world(), statusPageKind, 'file', asFile)).outcome).toBe('removed');
    expect((await withdrawNamed(world(), statusPageKind, 'file', asFile)).outcome).toBe('unchanged');
    await expect(withdrawNamed(world(), statusPageKind, 'a', asFile)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});
