import * as z from 'zod';
import { sortable } from '../alerting/index.ts';
import { type Reach, reachWithin } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import type { ApiWorld } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import type { DefinedMute } from './define-silence.ts';
import type { Mute } from './mute.ts';
import { deploymentOf, reachesMute } from './mute-input.ts';
import { muteIdSchema, type muteQuerySchema, type muteStates } from './mute-model.ts';
import { isActiveAt, listMutes } from './mutes-store.ts';
import { wakeOpenIncidents } from './wake-due.ts';
import { writtenMute } from './write-mute.ts';

/** What the routes of silences and maintenance share. */

export const withMuteId = z.strictObject({ id: muteIdSchema });

type MuteState = (typeof muteStates)[number];

const stateOf = async (mute: Mute, now: number): Promise<MuteState> => {
  if (mute.endsAt !== undefined && mute.endsAt <= now) return 'ended';
  return (await isActiveAt(mute, now)) ? 'active' : 'waiting';
};

/** A mute as answers show it: what people wrote, and how it stands now. */
const viewOf = async (mute: Mute, now: number) => ({
  id: mute.id,
  ...writtenMute(mute),
  state: await stateOf(mute, now),
  ...(mute.kind === 'maintenance' && { managedBy: mute.managedBy }),
  revision: mute.revision,
  createdAt: toIso(mute.createdAt),
  updatedAt: toIso(mute.updatedAt),
});

export const oneMute = async (world: ApiWorld, mute: Mute) => ({
  body: await viewOf(mute, world.clock()),
  revision: mute.revision,
});

/** Publishes who wrote, and has incidents with muted alerts looked at now; their own timers do within a minute what this cannot. */
export const settle = async (world: ApiWorld, { pending, outcome }: DefinedMute<string>): Promise<void> => {
  await publishAfterWrite(world, [pending]);
  if (outcome === 'unchanged' || outcome === 'replayed') return;
  try {
    await wakeOpenIncidents(world);
  } catch (error) {
    world.log.warn('muted incidents were not woken now; they are within a minute', { error: error as Error });
  }
};

const positionOf = ({ createdAt, id }: Mute): string => `${sortable(createdAt)}${id}`;

type Query = z.output<typeof muteQuerySchema>;

/** Within reach and of the kind, newest first. */
export const pageOfMutes = async (
  world: ApiWorld,
  kind: Mute['kind'],
  { query, reach }: { readonly query: Query; readonly reach: Reach },
) => {
  const { state, deploymentId, limit, cursor } = query;
  reachWithin(reach, deploymentId);
  const before = positionFrom(cursor, (position) => /^[0-9a-z]{9}[0-9a-f]{24}$/.test(position));
  const now = world.clock();
  const found: Mute[] = [];
  for (const mute of await listMutes(world.state)) {
    if (mute.kind !== kind || !reachesMute(reach, mute)) continue;
    if (deploymentId !== undefined && deploymentOf(mute) !== deploymentId) continue;
    const standing = await stateOf(mute, now);
    if (state === undefined ? standing !== 'ended' : standing === state) found.push(mute);
  }
  const rest = found
    .sort((left, right) => (positionOf(left) < positionOf(right) ? 1 : -1))
    .filter((mute) => before === undefined || positionOf(mute) < before);
  const page = rest.slice(0, limit);
  const last = rest.length > page.length ? page.at(-1) : undefined;
  return {
    body: {
      items: await Promise.all(page.map((mute) => viewOf(mute, now))),
      next: last ? encodeCursor(positionOf(last)) : null,
    },
  };
};

export const whoMay =
  'A token that does not reach all deployments needs a matcher `deployment=<id>` of one that it reaches.';
