import type { EventDetails } from '../platform/events.ts';
import { applyReadings, type Judged } from './evaluate.ts';
import { type JudgeTools, type RulesOf, rulesOver, seenNothing } from './rules-of.ts';
import { feedOf, typeOf } from './types/registry.ts';
import type { ExternalSignal, Feed, Seen } from './types/type.ts';

type Finding = EventDetails['finding.changed'];

/** Judges what a detector found, or found to be right again. */
export const judgeFinding = (finding: Finding, rulesOf: RulesOf, tools: JudgeTools): Promise<void> =>
  judgeOnce('findings', finding.deploymentId, { ...seenNothing, finding }, rulesOf, tools);

/** Judges what a service of AWS says. */
export const judgeExternal = (external: ExternalSignal, rulesOf: RulesOf, tools: JudgeTools): Promise<void> =>
  judgeOnce('external', external.subject.deploymentId, { ...seenNothing, external }, rulesOf, tools);

const judgeOnce = async (
  feed: Feed,
  deploymentId: string | null,
  seen: Seen,
  rulesOf: RulesOf,
  tools: JudgeTools,
): Promise<void> => {
  const now = tools.clock();
  const rules = (await rulesOver(rulesOf, deploymentId)).filter(
    ({ definition }) => feedOf(definition) === feed,
  );
  const judged: Judged[] = [];
  for (const rule of rules) {
    const { definition } = rule;
    try {
      const readings = await typeOf(definition.type).judge({ rule: definition, now }, seen);
      if (readings.length > 0) judged.push({ rule, readings });
    } catch (error) {
      tools.onFault(rule, error as Error);
    }
  }
  await applyReadings(judged, now, tools);
};

/** Our own blindness as a finding of the kind `blind`, so that rules for findings can tell of it once (fault 14). */
export const blindFinding = (blind: EventDetails['monitor.blind']): Finding => {
  const { id, at, accountId, region, location, network, state, reason } = blind;
  const resource = `${location}.${network}`;
  return {
    id,
    at,
    accountId,
    region,
    findingId: `blind:${resource}`,
    kind: 'blind',
    state: state === 'started' ? 'open' : 'resolved',
    severity: 'critical',
    deploymentId: null,
    resource,
    title: state === 'started' ? 'The monitor is blind' : 'The monitor sees again',
    reason,
    tags: {},
  };
};
