import type { Reach } from '../platform/api/caller.ts';
import type { Table } from '../storage/index.ts';
import { incidentsOf } from './figures.ts';
import type { Incident } from './incident.ts';

/** How one rule did: what of its noise nobody acted on comes first. */
export type RuleNoise = {
  readonly ruleId: string;
  readonly ruleName: string;
  /** Incidents its alerts were part of, and how often they fired in them. */
  readonly incidents: number;
  readonly fired: number;
  /** Over without anybody having acknowledged, commented or resolved them. */
  readonly ignored: number;
  /** Of those, over within five minutes: a longer `for` would have kept them quiet. */
  readonly shortLived: number;
  /** Went back and forth: hysteresis or a cooldown would have kept them quiet. */
  readonly flapping: number;
};

export type NoiseReport = { readonly rules: readonly RuleNoise[]; readonly isComplete: boolean };

const shortMs = 5 * 60_000;

export const isActedOn = (incident: Incident): boolean =>
  incident.firstAcknowledgedAt !== undefined ||
  incident.commentedAt !== undefined ||
  incident.resolvedBy !== undefined;

/** Which rules nobody acts on, over incidents opened at `from <= openedAt < to` (epoch ms), the noisiest first. */
export const noiseReport = async (
  state: Pick<Table, 'query'>,
  from: number,
  to: number,
  reach: Reach = '*',
): Promise<NoiseReport> => {
  const { incidents, isComplete } = await incidentsOf(state, from, to, reach);
  return { rules: noiseOf(incidents), isComplete };
};

export const noiseOf = (incidents: readonly Incident[]): readonly RuleNoise[] => {
  const byRule = new Map<string, RuleNoise>();
  for (const incident of incidents) {
    for (const [ruleId, { name, fired }] of Object.entries(incident.rules)) {
      byRule.set(ruleId, add(byRule.get(ruleId) ?? silent(ruleId, name), incident, fired));
    }
  }
  return [...byRule.values()].sort(
    (left, right) =>
      right.ignored - left.ignored ||
      right.incidents - left.incidents ||
      (left.ruleName < right.ruleName ? -1 : 1),
  );
};

const silent = (ruleId: string, ruleName: string): RuleNoise => ({
  ruleId,
  ruleName,
  incidents: 0,
  fired: 0,
  ignored: 0,
  shortLived: 0,
  flapping: 0,
});

const add = (before: RuleNoise, incident: Incident, fired: number): RuleNoise => {
  const { resolvedAt, openedAt, reopenings } = incident;
  const isIgnored = resolvedAt !== undefined && !isActedOn(incident);
  const isShort = isIgnored && resolvedAt - openedAt < shortMs;
  return {
    ...before,
    incidents: before.incidents + 1,
    fired: before.fired + fired,
    ignored: before.ignored + (isIgnored ? 1 : 0),
    shortLived: before.shortLived + (isShort ? 1 : 0),
    flapping: before.flapping + (reopenings >= flappingReopenings ? 1 : 0),
  };
};

const flappingReopenings = 3;
