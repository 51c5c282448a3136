import type { EventDetails } from '../platform/events.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { externalSignalsOf } from './external.ts';
import { compositesOf, isOfAll, judgeComposite } from './judge-composite.ts';
import { blindFinding, judgeExternal, judgeFinding } from './judge-event.ts';
import { judgeStatuses } from './judge-statuses.ts';
import { judgeTick, type TickTools } from './judge-tick.ts';
import { ruleChanged } from './rule-changed.ts';
import { openRulesOf, type RulesOf } from './rules-of.ts';
import type { AlertWake, AwsEvent, OwnEvent, RuleTick, Signal } from './signal.ts';
import { wakeAlert } from './wake-alert.ts';

export type ReceivedSignal = { readonly messageId: string; readonly message: Signal };

export type SignalTools = TickTools & {
  /** Brings the status of a deployment to what follows from its checks. */
  readonly refreshStatus: (deploymentId: string) => Promise<void>;
  /** Keeps what somebody wrote. */
  readonly keepAudit: (event: OwnEvent & { 'detail-type': 'audit.recorded' }) => Promise<void>;
  /** Keeps on the timeline of incidents what became of a remediation. */
  readonly noteRemediation: (event: OwnEvent & { 'detail-type': 'remediation.changed' }) => Promise<void>;
  /** Epoch ms: nothing is begun later. */
  readonly endsAt: number;
  readonly onFailure: (work: string, error: Error) => void;
};

/** Something to be done for some messages; they come again when it fails. */
type Work = {
  readonly name: string;
  readonly messageIds: readonly string[];
  readonly run: () => Promise<void>;
};

/** Each mostly waits for answers; the registries of four large deployments at once fit into the memory. */
const atOnce = 4;

/**
 * Does what a batch of signals asks for, what people wait for first: transitions of a deployment together, each deployment's
 * status once, ticks of a shard once, each alert and rule once. Returns the messages of what failed, or found no time: only
 * they come again.
 */
export const takeSignals = async (
  batch: readonly ReceivedSignal[],
  tools: SignalTools,
): Promise<readonly string[]> => {
  const again = new Set<string>();
  await inParallel(
    worksOf(batch, openRulesOf(tools.state), tools),
    atOnce,
    async ({ name, messageIds, run }) => {
      try {
        if (tools.clock() >= tools.endsAt) throw new Error('there was no time left for it');
        await run();
      } catch (error) {
        for (const id of messageIds) again.add(id);
        tools.onFailure(name, error as Error);
      }
    },
  );
  return [...again];
};

const worksOf = (batch: readonly ReceivedSignal[], rulesOf: RulesOf, tools: SignalTools): readonly Work[] => [
  ...transitionWorks(batch, rulesOf, tools),
  ...eachOf(batch, isWake, ({ pk, sk }) => ({
    name: `alert ${sk}`,
    once: `${pk}/${sk}`,
    run: () => wakeAlert({ pk, sk }, tools),
  })),
  ...eachOf(batch, isFrom('monitor.blind'), ({ detail }) =>
    findingWork(blindFinding(detail), rulesOf, tools),
  ),
  ...eachOf(batch, isFrom('finding.changed'), ({ detail }) => findingWork(detail, rulesOf, tools)),
  ...eachOf(batch, isAws, (event) => ({
    name: `${event['detail-type']} ${event.id}`,
    once: event.id,
    run: () => eachWhateverFails(externalSignalsOf(event), (signal) => judgeExternal(signal, rulesOf, tools)),
  })),
  ...compositeWorks(batch, rulesOf, tools),
  ...eachOf(batch, isFrom('rule.changed'), ({ detail: { ruleId } }) => ({
    name: `rule ${ruleId}`,
    once: ruleId,
    run: () => ruleChanged(ruleId, tools),
  })),
  ...tickWorks(batch, tools),
  ...refreshWorks(batch, tools),
  ...eachOf(batch, isFrom('remediation.changed'), (event) => ({
    name: `remediation ${event.detail.remediationId}`,
    // All of its record is looked at, so that once does for several changes.
    once: event.detail.remediationId,
    run: () => tools.noteRemediation(event),
  })),
  ...eachOf(batch, isFrom('audit.recorded'), (event) => ({
    name: `audit ${event.detail.id}`,
    once: event.detail.id,
    run: () => tools.keepAudit(event),
  })),
];

const isWake = (message: Signal): message is AlertWake => 'kind' in message && message.kind === 'alert';
const isTick = (message: Signal): message is RuleTick => 'kind' in message && message.kind === 'rules';
const isAws = (message: Signal): message is AwsEvent => 'source' in message && message.source !== 'homeostat';
const isFrom =
  <T extends OwnEvent['detail-type']>(type: T) =>
  (message: Signal): message is Extract<OwnEvent, { 'detail-type': T }> =>
    'source' in message && message.source === 'homeostat' && message['detail-type'] === type;

/** One work for all messages that ask for the same. */
const eachOf = <M extends Signal>(
  batch: readonly ReceivedSignal[],
  isOne: (message: Signal) => message is M,
  workFor: (message: M) => Omit<Work, 'messageIds'> & { readonly once: string },
): readonly Work[] => {
  const works = new Map<string, Work>();
  for (const { messageId, message } of batch) {
    if (!isOne(message)) continue;
    const { once, name, run } = workFor(message);
    const messageIds = [...(works.get(once)?.messageIds ?? []), messageId];
    works.set(once, { name, run, messageIds });
  }
  return [...works.values()];
};

const findingWork = (finding: EventDetails['finding.changed'], rulesOf: RulesOf, tools: SignalTools) => ({
  name: `finding ${finding.findingId}`,
  // Several changes of one finding are several readings.
  once: finding.id,
  run: () => judgeFinding(finding, rulesOf, tools),
});

const isOfCheck = (message: Signal) =>
  isFrom('check.status_changed')(message) || isFrom('check.changed')(message) ? message : undefined;

const byDeployment = (batch: readonly ReceivedSignal[]) =>
  Map.groupBy(
    batch.flatMap(({ messageId, message }) => {
      const event = isOfCheck(message);
      return event ? [{ messageId, event }] : [];
    }),
    ({ event }) => event.detail.deploymentId,
  );

const transitionWorks = (
  batch: readonly ReceivedSignal[],
  rulesOf: RulesOf,
  tools: SignalTools,
): readonly Work[] =>
  [...byDeployment(batch)].map(([deploymentId, found]) => {
    const events = found.map(({ event }) => event);
    const transitions = events.flatMap((event) =>
      event['detail-type'] === 'check.status_changed' ? [event.detail] : [],
    );
    const changedCheckIds = events.flatMap((event) =>
      event['detail-type'] === 'check.changed' ? [event.detail.checkId] : [],
    );
    return {
      name: `checks of ${deploymentId}`,
      messageIds: found.map(({ messageId }) => messageId),
      run: () => judgeStatuses({ deploymentId, transitions, changedCheckIds }, rulesOf, tools),
    };
  });

const refreshWorks = (batch: readonly ReceivedSignal[], tools: SignalTools): readonly Work[] =>
  [...byDeployment(batch)].map(([deploymentId, found]) => ({
    name: `status of ${deploymentId}`,
    messageIds: found.map(({ messageId }) => messageId),
    run: () => tools.refreshStatus(deploymentId),
  }));

/** Only the newest instant of a shard: what an older one would find has been overtaken. */
const tickWorks = (batch: readonly ReceivedSignal[], tools: SignalTools): readonly Work[] => {
  const ticks = batch.flatMap(({ messageId, message }) =>
    isTick(message) ? [{ messageId, tick: message }] : [],
  );
  return [...Map.groupBy(ticks, ({ tick }) => tick.shard)].map(([shard, found]) => {
    const newest = found.reduce((best, one) => (one.tick.at > best.tick.at ? one : best));
    return {
      name: `rules of ${shard}`,
      messageIds: found.map(({ messageId }) => messageId),
      run: () => judgeTick(newest.tick, tools),
    };
  });
};

/** A batch of findings in one event: one that fails keeps none of the others back; all come again, which changes nothing. */
const eachWhateverFails = async <T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> => {
  const failures: unknown[] = [];
  for (const one of all) await work(one).catch((error: unknown) => void failures.push(error));
  if (failures.length > 0) throw failures[0];
};

const compositeWorks = (
  batch: readonly ReceivedSignal[],
  rulesOf: RulesOf,
  tools: SignalTools,
): readonly Work[] =>
  eachOf(batch, isFrom('alert.state_changed'), ({ detail: { ruleId, deploymentId } }) => ({
    name: `composites of ${ruleId}`,
    // A rule of all deployments has the same composites whichever of them its alert is of.
    once: isOfAll(ruleId) ? ruleId : `${ruleId} ${deploymentId}`,
    run: async () => {
      for (const composite of await compositesOf(ruleId, deploymentId, rulesOf))
        await judgeComposite(composite, tools);
    },
  }));
