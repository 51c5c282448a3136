import { isInMaintenance } from '../health/index.ts';
import { builtinChannelNames, type ChannelRecord } from '../notifications/index.ts';
import { type Weekday, weekdays } from '../platform/wall-clock.ts';
import type { IncidentMember } from './incident.ts';
import { matches } from './matchers.ts';
import { labelsOf } from './muting.ts';
import type { AlertingSettings, Route } from './settings.ts';

/** Where something goes: channels that are there (ids), and what was named and is not there or not active. */
export type Targets = { readonly channels: readonly string[]; readonly missing: readonly string[] };

/** Channels by name or id. Of what is named twice, one. */
export const resolveChannels = (named: readonly string[], records: readonly ChannelRecord[]): Targets => {
  const channels = new Set<string>();
  const missing = new Set<string>();
  for (const name of named) {
    const found = records.find(
      ({ id, definition, deletedAt }) => deletedAt === undefined && (definition.name === name || id === name),
    );
    if (found?.definition.isActive) channels.add(found.id);
    else missing.add(name);
  }
  return { channels: [...channels], missing: [...missing] };
};

/** Where nothing else says where to tell; while nobody set any, the channels that came with the stack. */
export const usualTargets = (
  { defaultChannels }: Pick<AlertingSettings, 'defaultChannels'>,
  records: readonly ChannelRecord[],
): Targets => resolveChannels(defaultChannels.length > 0 ? defaultChannels : builtinChannelNames, records);

/**
 * Where an alert goes: the channels of its rule and threshold; else those of the first route that fits, and of the next
 * ones while a route says `continue`; else the default channels. If nothing of what is named is there, the default
 * channels get it: better told to too many than to nobody.
 */
export const targetsOf = async (
  member: IncidentMember,
  settings: AlertingSettings,
  records: readonly ChannelRecord[],
  now: number,
): Promise<Targets> => {
  const named = member.channels.length > 0 ? member.channels : await routed(member, settings.routes, now);
  const { channels, missing } = resolveChannels(named, records);
  if (channels.length > 0) return { channels, missing };
  const usual = usualTargets(settings, records);
  return { channels: usual.channels, missing: [...new Set([...missing, ...usual.missing])] };
};

const routed = async (
  member: IncidentMember,
  routes: readonly Route[],
  now: number,
): Promise<readonly string[]> => {
  const named: string[] = [];
  for (const route of routes) {
    if (!(await fits(member, route, now))) continue;
    named.push(...route.channels);
    if (!route.continue) break;
  }
  return named;
};

const fits = async (member: IncidentMember, route: Route, now: number): Promise<boolean> => {
  const { severities, deployments, matchers = [], time } = route;
  const { deploymentId } = member.subject;
  if (severities && severities.length > 0 && !severities.includes(member.severity)) return false;
  if (deployments && deployments.length > 0) {
    if (deploymentId === null || !deployments.includes(deploymentId)) return false;
  }
  if (time && !(await isTime(time, now))) return false;
  // A pattern that an earlier version took and this one does not must not keep an incident from being told.
  return matches(matchers, labelsOf(member)).catch(() => false);
};

/** Times of day are meant as those of a maintenance are: past midnight when `until` is the earlier one. */
const isTime = (time: NonNullable<Route['time']>, now: number): Promise<boolean> => {
  const named = (time.weekdays ?? []) as readonly Weekday[];
  const { from, until, timeZone } = time;
  return isInMaintenance(
    [{ weekdays: named.length > 0 ? named : weekdays, from, until, ...(timeZone && { timeZone }) }],
    now,
  );
};
