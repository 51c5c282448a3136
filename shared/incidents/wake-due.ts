import type { AlertWake, IncidentWake } from '../alerting/index.ts';
import { timerBuckets } from '../alerting/index.ts';
import type { Queue } from '../platform/aws/queue.aws.ts';
import type { DueKey, Table } from '../storage/index.ts';
import type { Incident } from './incident.ts';

export type WakePorts = {
  readonly state: Pick<Table, 'queryDue' | 'batchGet'>;
  readonly signals: Pick<Queue, 'send'>;
  readonly incidents: Pick<Queue, 'send'>;
};

/** One look takes so many of a bucket; the rest is due in the next minute, too. */
const itemsPerLook = 500;
const minuteMs = 60_000;

/** A wake for the queue of incidents, first in first out by group key. */
export const wakeMessage = (wake: IncidentWake) => ({ body: wake, group: wake.groupKey });

/**
 * Wakes what is due until a minute after `now` (epoch ms): alerts by a message that arrives at their instant, incidents
 * at once when their instant has come, for a message in a first-in-first-out queue cannot be delayed on its own. The
 * index only hints, so each is read before. Waking once more than needed changes nothing.
 */
export const wakeDue = async (
  ports: WakePorts,
  now: number,
): Promise<{ readonly alerts: number; readonly incidents: number }> => {
  const hints: DueKey[] = [];
  for (let bucket = 0; bucket < timerBuckets; bucket++) {
    hints.push(...(await ports.state.queryDue(`TIMER#${bucket}`, now + minuteMs, itemsPerLook)));
  }
  const items = await ports.state.batchGet(
    hints.map(({ pk, sk }) => ({ pk, sk })),
    { consistent: true },
  );
  const due = items.flatMap((item) =>
    typeof item.dueAt === 'number' && item.dueAt <= now + minuteMs ? [{ item, dueAt: item.dueAt }] : [],
  );
  const alerts = due
    .filter(({ item }) => item.pk.startsWith('ALERTS#'))
    .map(({ item: { pk, sk }, dueAt }) => ({
      body: { kind: 'alert', pk, sk } satisfies AlertWake,
      delaySeconds: Math.ceil(Math.max(0, dueAt - now) / 1000),
    }));
  const incidents = due
    .filter(({ item, dueAt }) => item.pk.startsWith('INCIDENTS#') && dueAt <= now)
    .map(({ item }) =>
      wakeMessage({
        incidentId: item.sk,
        groupKey: String((item.incident as { groupKey?: unknown }).groupKey),
      }),
    );
  await Promise.all([ports.signals.send(alerts), ports.incidents.send(incidents)]);
  return { alerts: alerts.length, incidents: incidents.length };
};

/** Hints at incidents with muted members; they expire unless the decider, who looks each minute, renews them. */
const mutedPk = 'MUTED';
const mutedSeconds = 10 * 60;

export const noteMuted = (
  state: Pick<Table, 'put'>,
  { id, groupKey }: Pick<Incident, 'id' | 'groupKey'>,
  now: number,
): Promise<void> =>
  state.put({
    pk: mutedPk,
    sk: id,
    v: 1,
    groupKey,
    expiresAt: Math.floor(now / 1000) + mutedSeconds,
  });

/** After a silence or maintenance was changed: has incidents with muted members looked at now, so that they are told at once. */
export const wakeOpenIncidents = async (ports: {
  readonly state: Pick<Table, 'query'>;
  readonly incidents: Pick<Queue, 'send'>;
}): Promise<number> => {
  let woken = 0;
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await ports.state.query({ pk: mutedPk, ...(after !== undefined && { after }) });
    await ports.incidents.send(
      page.items.map((item) => wakeMessage({ incidentId: item.sk, groupKey: String(item.groupKey) })),
    );
    woken += page.items.length;
    after = page.next;
  }
  return woken;
};
