import { alertKey, timerBuckets } from '../../../shared/alerting/alert.ts';
import { fromAlertItem } from '../../../shared/alerting/alerts-store.ts';
import type { AlertEvent } from '../../../shared/alerting/events-store.ts';
import type { MemberAlert } from '../../../shared/alerting/incidents-port.ts';
import { type RuleRecord, ruleKey } from '../../../shared/alerting/rule.ts';
import type { IncidentWake, Signal } from '../../../shared/alerting/signal.ts';
import { parseSignal } from '../../../shared/alerting/signals.ts';
import { type SignalTools, takeSignals } from '../../../shared/alerting/take-signals.ts';
import { checkIdOf, checkKey } from '../../../shared/health/check.ts';
import { emptyHead, toHeadItem } from '../../../shared/health/head.ts';
import { openHealthSight } from '../../../shared/health/index.ts';
import { groupKeyOf, groupOfParent, joinIncident, putMember } from '../../../shared/incidents/index.ts';
import type {
  CheckStatus,
  EventDetails,
  EventType,
  HomeostatEvent,
} from '../../../shared/platform/events.ts';
import type { Item } from '../../../shared/storage/index.ts';
import { checkRecord, stateOf } from '../health/builders.ts';
import { memoryTable } from '../incidents/memory.ts';
import { at, noon, recordOf } from './rules.ts';

/** Who is killed makes no more calls; not a fault of the code that is tried. */
export class Killed extends Error {}

export const place = { accountId: '123456789012', region: 'eu-central-1' };
const shard = 'home.public.60.0';

/** An event as EventBridge hands it on; what the test does not care for is filled in. */
export const eventOf = <T extends EventType>(type: T, detail: Partial<EventDetails[T]>) => ({
  source: 'homeostat' as const,
  'detail-type': type,
  detail: { id: `${type}@1`, at: new Date(noon).toISOString(), ...place, ...detail },
});

export const transition = (name: string, to: CheckStatus, second: number, deploymentId = 'shop') =>
  eventOf('check.status_changed', {
    id: `${name}@${second}`,
    at: new Date(at(second)).toISOString(),
    checkId: checkIdOf(deploymentId, name),
    deploymentId,
    name,
    to,
    reason: `${to} at ${second}`,
  });

export const checkChanged = (name: string, deploymentId = 'shop') =>
  eventOf('check.changed', { checkId: checkIdOf(deploymentId, name), deploymentId, name });

export const ruleChangedEvent = (rule: RuleRecord) => eventOf('rule.changed', { ruleId: rule.id });

type Options = {
  /** The tick's and the bus' world beside the tables. */
  readonly tools?: Partial<SignalTools>;
};

/** An evaluator with its tables, bus and queues in memory, and a clock that only tests move. */
export const openEvaluator = (options: Options = {}) => {
  const clock = { now: noon };
  let left = Number.POSITIVE_INFINITY;
  let steps = 0;
  const step = () => {
    if (left <= 0) throw new Killed();
    left -= 1;
    steps += 1;
  };
  const state = memoryTable(() => clock.now, step);
  const telemetry = memoryTable(() => clock.now, step);
  const published: HomeostatEvent[] = [];
  const woken: IncidentWake[] = [];
  const audited: string[] = [];
  const noted: string[] = [];
  const refreshed: string[] = [];
  const failures: string[] = [];
  const bus = { isDown: false };
  let ids = 0;
  const newId = () => `id${ids++}`;
  const guarded =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      step();
      const result = await act(...args);
      step();
      return result;
    };
  const publish = guarded(async (events: readonly HomeostatEvent[]) => {
    if (bus.isDown) throw new Error('the bus is away');
    published.push(...events);
    return events.map(({ detail }) => detail.id);
  });
  const incidents: SignalTools['incidents'] = {
    groupOf: async (rule, alert) => {
      const { parentCheckId } = alert.subject;
      return groupKeyOf(rule, alert, parentCheckId ? await groupOfParent(state, parentCheckId) : undefined);
    },
    join: (joining) => joinIncident({ state, clock: () => clock.now, newId }, joining),
    putMember: (incidentId, member) => putMember(state, incidentId, member),
    wake: guarded(async (wakes: readonly IncidentWake[]) => void woken.push(...wakes)),
  };
  /** Each delivery meets a new process: nothing is remembered, as after a kill. */
  const freshTools = (): SignalTools => ({
    state,
    telemetry,
    bus: { publish },
    incidents,
    clock: () => clock.now,
    newId,
    place,
    sight: openHealthSight({ state, telemetry, clock: () => clock.now }),
    plans: new Map(),
    teamFunctions: undefined,
    refreshStatus: async (deploymentId) => void refreshed.push(deploymentId),
    keepAudit: async ({ detail }) => void audited.push(detail.id),
    noteRemediation: async ({ detail }) => void noted.push(detail.id),
    endsAt: Number.POSITIVE_INFINITY,
    onUntold: () => {},
    onFault: ({ definition }, error) => void failures.push(`${definition.name}: ${error.message}`),
    onFailure: (work, error) => {
      if (!(error instanceof Killed)) failures.push(`${work}: ${error.message}`);
    },
    ...options.tools,
  });

  /** Delivers a batch; returns the places in it of what must come again. */
  const take = async (...bodies: readonly unknown[]): Promise<number[]> => {
    const batch = bodies.map((body, index) => ({
      messageId: String(index),
      message: parseSignal(JSON.parse(JSON.stringify(body))) as Signal,
    }));
    return (await takeSignals(batch, freshTools())).map(Number);
  };
  /** Delivers a batch and kills the process at its n-th step. True when it lived that long. */
  const takeKilled = async (killAt: number, ...bodies: readonly unknown[]): Promise<boolean> => {
    const before = steps;
    left = killAt;
    try {
      await take(...bodies);
    } finally {
      left = Number.POSITIVE_INFINITY;
    }
    return steps - before >= killAt;
  };
  /** What the notifier would send now: wakes of alerts that are due. */
  const due = async (): Promise<{ kind: 'alert'; pk: string; sk: string }[]> => {
    const buckets = Array.from({ length: timerBuckets }, (_, bucket) => `TIMER#${bucket}`);
    const hints = await Promise.all(buckets.map((bucket) => state.queryDue(bucket, clock.now, 100)));
    return hints
      .flat()
      .filter(({ pk }) => pk.startsWith('ALERTS#'))
      .map(({ pk, sk }) => ({ kind: 'alert', pk, sk }));
  };

  const found = <T>(prefix: string, read: (item: Item) => T): T[] =>
    [...state.items.values()].filter(({ pk }) => pk.startsWith(prefix)).map(read);
  return {
    clock,
    state,
    telemetry,
    published,
    woken,
    audited,
    noted,
    refreshed,
    failures,
    bus,
    take,
    takeKilled,
    due,
    freshTools,
    /** Moves the clock to so many seconds after noon. */
    at: (second: number) => {
      clock.now = at(second);
    },
    saveRule: async (written: Readonly<Record<string, unknown>>, given: Partial<RuleRecord> = {}) => {
      const rule = { ...recordOf(written), ...given };
      await state.put({ ...ruleKey(rule.id), v: 1, ...rule } as unknown as Item);
      return rule;
    },
    /** A check that stands so since a second after noon, as its shard's head tells. */
    stand: async (
      checks: Readonly<Record<string, readonly [status: CheckStatus, second: number]>>,
      given: Parameters<typeof checkRecord>[0] = {},
    ) => {
      const states = new Map();
      for (const [index, [name, [status, second]]] of Object.entries(checks).entries()) {
        const { definition, ...others } = given;
        const record = checkRecord({
          no: index + 1,
          shard,
          placedAt: at(-3600),
          definition: { name, ...definition },
          ...others,
        });
        const times = { createdAt: at(-3600), updatedAt: at(-3600) };
        await state.put({ ...checkKey(record.id), v: 1, ...record, ...times } as unknown as Item);
        const known = status === 'unknown' ? 'healthy' : status;
        states.set(
          index + 1,
          stateOf({ at: at(second), status, known, since: at(second), reason: `${status} at ${second}` }),
        );
      }
      await telemetry.put(
        toHeadItem({ ...emptyHead(shard), version: 1, slotAt: clock.now, checks: states }, 'run'),
      );
    },
    alertOf: (rule: RuleRecord, subjectKey: string) => {
      const stored = found('ALERTS#', fromAlertItem).find(
        ({ alert }) => alert?.ruleId === rule.id && alert.subject.key === subjectKey,
      );
      return stored?.alert;
    },
    alerts: () => found('ALERTS#', fromAlertItem),
    members: () => found('INC#', (item) => item.member as unknown as MemberAlert).filter(Boolean),
    episodes: () => found('EVENTS#', (item) => item as unknown as AlertEvent),
    changes: () =>
      published.flatMap((event) =>
        event.type === 'alert.state_changed'
          ? [`${event.detail.ruleName} ${event.detail.from}→${event.detail.to}`]
          : [],
      ),
    keyOf: (alert: { readonly ruleId: string; readonly id: string }) => alertKey(alert.ruleId, alert.id),
  };
};
export type Evaluator = ReturnType<typeof openEvaluator>;
