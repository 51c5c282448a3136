import * as z from 'zod';
import type { ApiWorld } from '../platform/api/route.ts';
import { type CheckSettings, checkSettingsFrom } from './allowed.ts';
import type { CheckRecord } from './check.ts';
import { checkIdSchema } from './model.ts';
import { readStandings } from './standings.ts';
import { viewOfCheck } from './view.ts';

/** What the routes of checks share. */

export const checksPath = '/api/v1/monitoring/health-checks';
export const withId = z.strictObject({ id: checkIdSchema });

export const settingsOf = (world: ApiWorld): CheckSettings =>
  checkSettingsFrom(world.setting, world.insideLambda);

/** A check as answers show it, with its standing and its ETag. */
export const oneCheck = async (world: ApiWorld, record: CheckRecord) => ({
  body: viewOfCheck(record, (await readStandings(world.telemetry, [record], world.clock())).get(record.id)),
  revision: record.revision,
});
