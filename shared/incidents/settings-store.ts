import { type Version, writeVersion } from '../platform/outbox/index.ts';
import type { Item, Table, Value } from '../storage/index.ts';
import { type AlertingSettings, defaultSettings, settingsKey } from './settings.ts';

/** `revision` 0: nobody wrote them. */
export type StoredSettings = {
  readonly settings: AlertingSettings;
  readonly revision: number;
  readonly managedBy: 'file' | 'api' | 'builtin';
  readonly updatedAt: number;
};

const unwritten: StoredSettings = {
  settings: defaultSettings,
  revision: 0,
  managedBy: 'builtin',
  updatedAt: 0,
};

const fromItem = (item: Item): StoredSettings => ({
  // A field that a later version brings has its default until somebody writes it.
  settings: { ...defaultSettings, ...(item.settings as unknown as Partial<AlertingSettings>) },
  revision: Number(item.revision),
  managedBy: item.managedBy === 'file' ? 'file' : 'api',
  updatedAt: Number(item.updatedAt),
});

export const loadSettings = async (state: Pick<Table, 'get'>): Promise<StoredSettings> => {
  const item = await state.get(settingsKey, { consistent: true });
  return item ? fromItem(item) : unwritten;
};

export const readSettings = async (state: Pick<Table, 'get'>): Promise<AlertingSettings> =>
  (await loadSettings(state)).settings;

/**
 * Writes them as the revision after `expected` (0: nobody wrote them before). `fields` are further attributes, such as
 * an outbox.
 */
export const writeSettings = (
  state: Pick<Table, 'get' | 'put' | 'update'>,
  change: {
    readonly settings: AlertingSettings;
    readonly managedBy: 'file' | 'api';
    readonly expected: number;
    readonly attempt: string;
    readonly now: number;
    readonly fields?: Readonly<Record<string, Value | undefined>>;
  },
): Promise<'written' | 'conflict'> => {
  const { expected, attempt, now } = change;
  const version: Version = {
    key: settingsKey,
    expected: expected === 0 ? undefined : expected,
    fields: {
      ...change.fields,
      settings: change.settings as unknown as Value,
      managedBy: change.managedBy,
      updatedAt: now,
      revision: expected + 1,
    },
    attempt,
    now,
  };
  return writeVersion(state, version);
};
