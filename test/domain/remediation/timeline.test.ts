import { describe, expect, it } from 'vitest';
import { type IncidentMember, incidentKey } from '../../../shared/incidents/incident.ts';
import { joinIncident, putMember } from '../../../shared/incidents/join.ts';
import { readTimeline } from '../../../shared/incidents/timeline.ts';
import { keepEntries } from '../../../shared/remediation/log.ts';
import { remediationMetricsText } from '../../../shared/remediation/metrics.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import type { LogEntry } from '../../../shared/remediation/remediation.ts';
import { noteRemediation, timelineOf } from '../../../shared/remediation/timeline.ts';
import { noon, openSmallWorld, planOf, second } from './small-world.ts';

const entry = (kind: LogEntry['kind'], given: Partial<LogEntry> = {}): LogEntry => ({
  at: noon,
  kind,
  by: 'homeostat',
  attempt: 1,
  text: `what ${kind} is`,
  ...given,
});

const inTrouble = async (w: ReturnType<typeof openSmallWorld>, checkId: string) => {
  const { state, clock, newId } = w.world;
  const joining = {
    groupKey: 'deployment:shop',
    deploymentId: 'shop',
    title: 'web is down',
    severity: 'critical',
  } as const;
  const incidentId = await joinIncident({ state, clock, newId }, { ...joining, firedAt: noon });
  const member: IncidentMember = {
    alertId: `a-${checkId}`,
    eventId: 'e1',
    ruleId: 'r1',
    ruleName: 'Service Down',
    ruleType: 'downtime',
    subject: { key: `check:${checkId}`, deploymentId: 'shop', name: 'web', labels: {}, checkId },
    state: 'firing',
    seq: 1,
    severity: 'critical',
    value: null,
    reason: 'answered 503',
    firedAt: noon,
    channels: [],
    escalation: [],
  };
  await putMember(state, incidentId, member);
  return incidentId;
};
const shown = async (w: ReturnType<typeof openSmallWorld>, incidentId: string) =>
  (await readTimeline(w.state, incidentId)).entries.map(({ kind, text, by }) => `${kind} ${by}: ${text}`);

describe('the timeline of an incident', () => {
  it('tells the steps of a remedy for its checks, each once, also those before the incident was there', async () => {
    const w = openSmallWorld();
    const plan = planOf({ occasion: { ...planOf().occasion, checkIds: ['c1'] } });
    await propose(w.world, plan);
    await noteRemediation(w.state, plan.hash);
    const incident = await inTrouble(w, 'c1');
    await keepEntries(w.state, plan.hash, [
      entry('applied', { at: noon + second }),
      entry('call', { at: noon + second }),
      entry('verified', { at: noon + 31 * second, attempt: 2, text: 'web answers again' }),
    ]);
    await noteRemediation(w.state, plan.hash);
    await noteRemediation(w.state, plan.hash);
    expect(await shown(w, incident)).toEqual([
      'remediation token:ann: Remedy planned: web is unhealthy: Set web from 1 to 2 tasks.',
      'remediation null: Applied: what applied is',
      'remediation null: Verified (attempt 2): web answers again',
    ]);
  });

  it('of a remedy without checks is that of the deployment', async () => {
    const w = openSmallWorld();
    const plan = planOf();
    await propose(w.world, plan);
    const incident = await inTrouble(w, 'other');
    await noteRemediation(w.state, plan.hash);
    expect(await shown(w, incident)).toHaveLength(1);
    await noteRemediation(w.state, 'f'.repeat(64));
  });

  it('that was over long before the remedy began is left alone', async () => {
    const w = openSmallWorld();
    const plan = planOf();
    await propose(w.world, plan);
    const incident = await inTrouble(w, 'other');
    const item = w.state.items.get(`${incidentKey(incident).pk}\n${incident}`);
    if (!item) throw new Error('the incident is not there');
    const over = { ...(item.incident as object), status: 'resolved', resolvedAt: noon - 3_600_000 };
    await w.state.put({ ...item, incident: over });
    await noteRemediation(w.state, plan.hash);
    expect(await shown(w, incident)).toEqual([]);
  });

  it('shows a record in the same words and under the same names each time', () => {
    const w = planOf();
    const remediation = { plan: w, startedAt: noon } as Parameters<typeof timelineOf>[0];
    const log = [entry('planned'), entry('held', { text: 'x'.repeat(2000) })];
    expect(timelineOf(remediation, log)).toEqual(timelineOf(remediation, log));
    expect(Math.max(...timelineOf(remediation, log).entries.map(({ text }) => text.length))).toBe(500);
  });
});

describe('the exposition of remedies', () => {
  it('is what Prometheus reads: counters by action and outcome, and a histogram', () => {
    const text = remediationMetricsText({
      remediations: [{ action: 'ecs-redeploy', outcome: 'succeeded', count: 3 }],
      driftRemediations: [{ outcome: 'failed', count: 1 }],
      durations: [{ workflow: 'heal', count: 3, sumSeconds: 95.5, buckets: [0, 1, 3, 3, 3, 3, 3, 3, 3, 3] }],
    });
    for (const line of [
      '# TYPE remediations_total counter',
      'remediations_total{action="ecs-redeploy",outcome="succeeded"} 3',
      'drift_remediations_total{outcome="failed"} 1',
      '# TYPE remediation_duration_seconds histogram',
      'remediation_duration_seconds_bucket{workflow="heal",le="30"} 1',
      'remediation_duration_seconds_bucket{workflow="heal",le="+Inf"} 3',
      'remediation_duration_seconds_sum{workflow="heal"} 95.5',
      'remediation_duration_seconds_count{workflow="heal"} 3',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text.endsWith('\n')).toBe(true);
  });
});
