import { recorded } from '../audit/index.ts';
import { ownedElsewhere } from '../catalog/index.ts';
import { loadChannels, unknownChannels } from '../notifications/index.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import { requireRevision } from '../platform/api/expects.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { asValue, type Pending, settled, unsentOf, withEvent } from '../platform/outbox/index.ts';
import type { Table } from '../storage/index.ts';
import { readMatchers } from './mute-input.ts';
import { type AlertingSettings, defaultSettings, settingsKey } from './settings.ts';
import type { AlertingInput } from './settings-model.ts';
import { loadSettings, type StoredSettings, writeSettings } from './settings-store.ts';
import { writtenSettings } from './written-settings.ts';

export type DefineSettingsWorld = {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
};

/** What became of the settings; `pending` is to be published after the write. */
export type DefinedSettings = {
  readonly outcome: 'updated' | 'unchanged';
  readonly stored: StoredSettings;
  readonly pending?: Pending;
};

/** The settings with matchers read. Throws VALIDATION_ERROR. Whether channels are there is judged by `requireSoundSettings`. */
export const resolveSettings = async (input: AlertingInput): Promise<AlertingSettings> => ({
  defaultChannels: input.defaultChannels,
  routes: await Promise.all(
    input.routes.map(async ({ matchers, ...route }, at) => ({
      ...route,
      ...(matchers && { matchers: await readMatchers(matchers, `routes[${at}].matchers`) }),
    })),
  ),
  groupWaitSeconds: input.groupWait,
  groupIntervalSeconds: input.groupInterval,
  repeatIntervalSeconds: input.repeatInterval,
  escalation: input.escalation,
  digest: input.digest,
});

/**
 * Throws VALIDATION_ERROR for each channel that is named and not there. `planned` are names of channels that come in the
 * same request, `leaving` of those that go.
 */
export const requireSoundSettings = async (
  state: Pick<Table, 'query'>,
  settings: AlertingSettings,
  planned: readonly string[] = [],
  leaving: readonly string[] = [],
): Promise<void> => {
  const records = (await loadChannels(state)).filter(({ definition }) => !leaving.includes(definition.name));
  const faultsOf = (path: string, names: readonly string[]): FieldFault[] =>
    names.flatMap((name, at) =>
      planned.includes(name) || unknownChannels(records, [name]).length === 0
        ? []
        : [{ path: `${path}[${at}]`, message: 'There is no such channel: define it first.' }],
    );
  const faults = [
    ...faultsOf('defaultChannels', settings.defaultChannels),
    ...settings.routes.flatMap((route, at) => faultsOf(`routes[${at}].channels`, route.channels)),
    ...settings.escalation.flatMap((step, at) => faultsOf(`escalation[${at}].channels`, step.channels)),
    ...faultsOf('digest.channels', settings.digest.channels),
  ];
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'The settings name a channel that is not there.', faults);
};

type Facts = {
  /** The principal who asks; the audit keeps it. */
  readonly by: string;
  readonly owner: 'file' | 'api';
};

const write = async (
  world: DefineSettingsWorld,
  before: StoredSettings,
  settings: AlertingSettings,
  { by, owner }: Facts,
): Promise<DefinedSettings | 'conflict'> => {
  const now = world.clock();
  const revision = before.revision + 1;
  const item = await world.state.get(settingsKey, { consistent: true });
  const audit = recorded(
    {
      by,
      action: 'updated',
      kind: 'settings',
      subjectId: 'alerting',
      name: 'alerting',
      deploymentId: null,
      before: writtenSettings(before.settings),
      after: writtenSettings(settings),
    },
    { id: `audit:settings:alerting@${revision}`, at: now, place: world.place },
  );
  const outbox = withEvent(settingsKey, item ? unsentOf(item) : [], audit, now);
  const written = await writeSettings(world.state, {
    settings,
    managedBy: owner,
    expected: before.revision,
    attempt: world.newId(),
    now,
    fields: { ...outbox, outbox: asValue(outbox.outbox) },
  });
  if (written === 'conflict') return 'conflict';
  const stored = { settings, revision, managedBy: owner, updatedAt: now };
  return { outcome: 'updated', stored, pending: { key: settingsKey, revision, outbox: outbox.outbox } };
};

const isSame = (left: AlertingSettings, right: AlertingSettings): boolean =>
  canonicalJson(left) === canonicalJson(right);

/** What the API does: the whole settings anew. Throws CONFLICT where a file manages them; the defaults are nobody's. */
export const replaceSettings = (
  world: DefineSettingsWorld,
  settings: AlertingSettings,
  options: { readonly by: string; readonly expects?: readonly number[] | 'any' | undefined },
): Promise<DefinedSettings> =>
  settled<DefinedSettings>('The alerting settings', async () => {
    const stored = await loadSettings(world.state);
    requireRevision(stored, options.expects);
    if (isSame(stored.settings, settings)) return { outcome: 'unchanged', stored };
    if (stored.managedBy === 'file' && !isSame(stored.settings, defaultSettings))
      throw ownedElsewhere('Alerting', 'file');
    await requireSoundSettings(world.state, settings);
    return write(world, stored, settings, { by: options.by, owner: 'api' });
  });

/**
 * Brings the settings to what their owner wants; the caller has seen to it that they are sound. Undefined: the owner has
 * no wishes any more, and the defaults are back. Throws CONFLICT when another owner has them otherwise.
 */
export const putSettings = (
  world: DefineSettingsWorld,
  wanted: AlertingSettings | undefined,
  { by, owner, dryRun }: Facts & { readonly dryRun?: boolean },
): Promise<DefinedSettings> =>
  settled<DefinedSettings>('The alerting settings', async () => {
    const stored = await loadSettings(world.state);
    const settings = wanted ?? defaultSettings;
    if (isSame(stored.settings, settings)) return { outcome: 'unchanged', stored };
    if (
      stored.managedBy !== 'builtin' &&
      stored.managedBy !== owner &&
      !isSame(stored.settings, defaultSettings)
    )
      throw ownedElsewhere('Alerting', stored.managedBy);
    if (dryRun) return { outcome: 'updated', stored: { ...stored, settings } };
    return write(world, stored, settings, { by, owner });
  });
