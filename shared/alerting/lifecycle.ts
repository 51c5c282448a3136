import { readableSeconds } from '../platform/duration.ts';
import type { Severity } from '../platform/events.ts';
import { type Alert, alertIdOf } from './alert.ts';
import { areSame, channelsFor } from './redefine-alert.ts';
import type { RuleRecord } from './rule.ts';
import {
  type AlertStanding,
  cooldownEndOf,
  isInactive,
  stateOf,
  type Timing,
  timingOf,
  wakeAtOf,
} from './timing.ts';
import { rank } from './types/bounds.ts';
import type { Reading } from './types/type.ts';

export { closeAlert } from './close-alert.ts';

/*
 * inactive ─breached─▶ pending ─held for long enough─▶ firing ─clear for long enough─▶ resolved ─breached, cooldown over─▶ pending …
 *              └──────────── nothing to wait for ──────────▲
 * A pending alert whose condition does not hold any more goes away without a word.
 */

export type Advanced = {
  /**
   * The same object when nothing is to be written. Another one is to be written even where `changed` is false: it
   * remembers since when the condition is clear, or what the newest reading was. Undefined: nothing needs to be kept, an
   * item that is there goes. Two writers of one state have the same `seq`: compare-and-set needs a version of its own.
   */
  readonly alert: Alert | undefined;
  /** State or severity changed in a way that is told (and `seq` grew): events, incidents and episodes follow from it. */
  readonly changed: boolean;
  readonly from: AlertStanding;
  readonly to: AlertStanding;
  /** Epoch ms: when time alone changes it; undefined where only a reading can. */
  readonly wakeAt?: number | undefined;
  /** Why it is what it is now. */
  readonly reason: string;
};

/** A reading after the rule's policy for missing data: `stay` leaves everything as it is. */
type Seen = Omit<Reading, 'verdict'> & {
  readonly verdict: 'breached' | 'clear' | 'between' | 'stay';
  /** There was no data, and the policy says that it fires: no threshold was looked at. */
  readonly isAssumed?: boolean;
};

type Step = {
  readonly rule: RuleRecord;
  readonly timing: Timing;
  readonly before: Alert | undefined;
  readonly now: number;
};
/** What becomes of the alert, and why. */
type Outcome = { readonly alert: Alert | undefined; readonly reason: string };

/**
 * The next state of an alert, from a reading or, without one, from time alone. Pure: the same again changes nothing more,
 * and neither does a reading that is older than the newest one known. Rules that are judged every 30 s change by readings
 * only, so that nothing fires or is resolved while nothing can be seen.
 */
export const advance = (
  rule: RuleRecord,
  alert: Alert | undefined,
  reading: Reading | undefined,
  now: number,
): Advanced => {
  const step: Step = { rule, timing: timingOf(rule.definition), before: alert, now };
  return advanced(step, reading ? onReading(step, reading) : onTime(step));
};

const advanced = ({ before, timing }: Step, { alert, reason }: Outcome): Advanced => {
  const [from, to] = [stateOf(before), stateOf(alert)];
  const changed = to !== 'inactive' && (from !== to || before?.seq !== alert?.seq);
  const wakeAt = alert && wakeAtOf(timing, alert);
  return { alert, changed, from, to, reason, ...(wakeAt !== undefined && { wakeAt }) };
};

const onReading = (step: Step, reading: Reading): Outcome => {
  const { rule, timing, before } = step;
  if (before && reading.at < before.readAt) {
    return { alert: before, reason: 'the reading is older than one that is known already' };
  }
  const seen = afterPolicy(rule, reading);
  if (seen.verdict === 'stay') return { alert: before, reason: `left as it is: ${seen.reason}` };
  const outcome = changedBy(step, seen);
  // Rules judged every 30 s would write each time; those judged at events must know which was the newest.
  // What leaves all as it is must not hide an end that comes late.
  if (timing.isTicked || seen.verdict === 'between') return outcome;
  if (!before || outcome.alert !== before || seen.at === before.readAt) return outcome;
  const isNews = seen.verdict === 'breached' && before.state !== 'resolved';
  const newest = isNews && { value: seen.value, reason: seen.reason };
  return { ...outcome, alert: { ...before, ...newest, readAt: seen.at } };
};

const changedBy = (step: Step, seen: Seen): Outcome => {
  const { before } = step;
  if (!before || isInactive(before))
    return seen.verdict === 'breached' ? begin(step, seen, seen.at) : remembered(step, seen);
  if (before.state === 'pending') return whilePending(step, before, seen);
  return before.state === 'firing' ? whileFiring(step, before, seen) : whileResolved(step, before, seen);
};

const afterPolicy = ({ definition }: RuleRecord, reading: Reading): Seen => {
  const { verdict } = reading;
  if (verdict !== 'nothing') return { ...reading, verdict };
  switch (definition.noData) {
    case 'keep':
      return { ...reading, verdict: 'stay' };
    case 'fire':
      return { ...reading, verdict: 'breached', severity: definition.severity, isAssumed: true };
    case 'zero':
      return { ...reading, verdict: 'clear', value: 0 };
    case 'ignore':
      return { ...reading, verdict: 'clear' };
  }
};

/** Where elapsed time ends: a rule judged every 30 s knows of nothing after its reading. */
const elapsedUntil = ({ timing, now }: Step, seen: Seen): number =>
  timing.isTicked ? seen.at : Math.max(now, seen.at);

const isOver = (fromAt: number, seconds: number, now: number): boolean => now - fromAt >= seconds * 1000;

const nextSeq = (before: Alert | undefined, now: number): number =>
  before ? before.seq + 1 : Math.floor(now / 1000);

const whatIsSeen = ({ rule }: Step, seen: Seen) => ({
  subject: seen.subject,
  severity: seen.severity,
  channels: channelsFor(rule, seen.channels),
  value: seen.value,
  reason: seen.reason,
});

/** The condition holds: it waits, or fires at once where nothing is to be waited for. */
const begin = (step: Step, seen: Seen, since: number): Outcome => {
  const { rule, timing, before, now } = step;
  const alert: Alert = {
    id: before?.id ?? alertIdOf(rule.id, seen.subject.key),
    ruleId: rule.id,
    ruleName: rule.definition.name,
    ruleType: rule.definition.type,
    ...whatIsSeen(step, seen),
    state: 'pending',
    seq: nextSeq(before, now),
    since,
    readAt: seen.at,
  };
  if (isOver(since, timing.holdSeconds, elapsedUntil(step, seen))) return fire(step, alert, alert.seq);
  const reason = `pending, it fires when this lasts ${readableSeconds(timing.holdSeconds)}: ${seen.reason}`;
  return { alert, reason };
};

const fire = ({ now }: Step, from: Alert, seq: number): Outcome => {
  const { clearSince, resolvedAt, isResolvedByHand, held, incidentId, groupKey, ...alert } = from;
  return { alert: { ...alert, state: 'firing', seq, firedAt: now }, reason: `firing: ${alert.reason}` };
};

const whilePending = (step: Step, before: Alert, seen: Seen): Outcome => {
  if (seen.verdict !== 'breached') return remembered(step, seen);
  const current: Alert = { ...before, ...whatIsSeen(step, seen), readAt: seen.at };
  if (isOver(before.since, step.timing.holdSeconds, elapsedUntil(step, seen)))
    return fire(step, current, before.seq + 1);
  const reason = `still pending: ${seen.reason}`;
  if (seen.severity !== before.severity) return { alert: { ...current, seq: before.seq + 1 }, reason };
  // Nobody knows of it yet: it only has to know whom it will be told to.
  return { alert: areSame(current.channels, before.channels) ? before : current, reason };
};

const whileFiring = (step: Step, before: Alert, seen: Seen): Outcome => {
  const { keepFiringSeconds } = step.timing;
  const { clearSince, ...current } = before;
  if (seen.verdict === 'clear') {
    const since = clearSince ?? seen.at;
    if (isOver(since, keepFiringSeconds, elapsedUntil(step, seen)))
      return resolve(step, { ...before, value: seen.value, reason: seen.reason, readAt: seen.at });
    const reason = `firing on, resolved when this lasts ${readableSeconds(keepFiringSeconds)}: ${seen.reason}`;
    return {
      alert: clearSince === undefined ? { ...before, clearSince: since, readAt: seen.at } : before,
      reason,
    };
  }
  const severity = severityNow(before.severity, seen);
  const reason = `firing on: ${seen.reason}`;
  const { channels: ofSeen, ...told } = whatIsSeen(step, seen);
  // What is held back from recovery, crosses a milder threshold meanwhile, or is not seen at all keeps its channels.
  const isItself = seen.severity === severity && !seen.isAssumed;
  const isAsSeen = seen.verdict === 'breached' && (severity !== before.severity || isItself);
  const channels = isAsSeen ? ofSeen : before.channels;
  if (severity === before.severity && areSame(channels, before.channels)) {
    return { alert: clearSince === undefined ? before : { ...current, readAt: seen.at }, reason };
  }
  return {
    alert: { ...current, ...told, severity, channels, seq: before.seq + 1, readAt: seen.at },
    reason:
      severity === before.severity ? reason : `${severity} instead of ${before.severity}: ${seen.reason}`,
  };
};

/** As severe as what is crossed, and no milder than what it was and is not recovered from. */
const severityNow = (before: Severity, { verdict, severity, holds }: Seen): Severity => {
  if (verdict === 'breached' && rank(severity) >= rank(before)) return severity;
  if (!holds) return verdict === 'breached' ? severity : before;
  return rank(holds) < rank(before) ? holds : before;
};

const resolve = ({ now }: Step, before: Alert): Outcome => {
  const { clearSince, ...alert } = before;
  return {
    alert: { ...alert, state: 'resolved', seq: before.seq + 1, resolvedAt: now },
    reason: `resolved: ${before.reason}`,
  };
};

const whileResolved = (step: Step, before: Alert, seen: Seen): Outcome => {
  const { held, isResolvedByHand, ...current } = before;
  if (seen.verdict !== 'breached') {
    const isFreed = isResolvedByHand === true && seen.verdict === 'clear';
    if (!held && !isFreed) return { alert: before, reason: `resolved still: ${seen.reason}` };
    const stays = isResolvedByHand === true && !isFreed;
    return {
      alert: { ...current, ...(stays && { isResolvedByHand }), readAt: seen.at },
      reason: isFreed
        ? 'clear once since it was resolved by hand: it may fire again'
        : `clear: ${seen.reason}`,
    };
  }
  if (isResolvedByHand) {
    return { alert: before, reason: 'resolved by hand: it fires again once the condition was clear' };
  }
  const since = held?.since ?? seen.at;
  const isWorse = rank(seen.severity) > rank(before.severity);
  const end = cooldownEndOf(step.timing, before);
  if (isWorse || elapsedUntil(step, seen) >= end) return begin(step, seen, since);
  const { subject: _known, ...told } = whatIsSeen(step, seen);
  const reason = `held back by the cooldown of ${readableSeconds(step.timing.cooldownSeconds)}: ${seen.reason}`;
  if (held?.severity === told.severity && areSame(held.channels, told.channels))
    return { alert: before, reason };
  return { alert: { ...current, held: { ...told, since }, readAt: seen.at }, reason };
};

/**
 * The condition does not hold and nothing fires. Events may come in any order: of rules that are judged by them it is kept
 * that there was this one, so that an older one that comes late does not fire for ever. Others are judged anew soon.
 */
const remembered = (step: Step, seen: Seen): Outcome => {
  const { rule, timing, before, now } = step;
  const reason = `inactive: ${seen.reason}`;
  if (!timing.isOfEvents || (!before && seen.verdict !== 'clear')) return { alert: undefined, reason };
  if (before && isInactive(before)) return { alert: before, reason };
  return {
    alert: {
      id: before?.id ?? alertIdOf(rule.id, seen.subject.key),
      ruleId: rule.id,
      ruleName: rule.definition.name,
      ruleType: rule.definition.type,
      ...whatIsSeen(step, seen),
      state: 'resolved',
      seq: nextSeq(before, now),
      since: seen.at,
      readAt: seen.at,
    },
    reason,
  };
};

const onTime = (step: Step): Outcome => {
  const { timing, before, now } = step;
  if (!before || timing.isTicked) return { alert: before, reason: 'nothing new' };
  const state = stateOf(before);
  if (state === 'pending' && isOver(before.since, timing.holdSeconds, now))
    return fire(step, before, before.seq + 1);
  if (state === 'firing' && before.clearSince !== undefined) {
    if (isOver(before.clearSince, timing.keepFiringSeconds, now)) return resolve(step, before);
  }
  const { held } = before;
  if (state === 'resolved' && held && now >= cooldownEndOf(timing, before)) {
    const { resolvedAt, firedAt, held: _was, ...rest } = before;
    const current: Alert = { ...rest, ...held, state: 'pending', seq: before.seq + 1 };
    return isOver(held.since, timing.holdSeconds, now)
      ? fire(step, current, current.seq)
      : { alert: current, reason: `pending: ${held.reason}` };
  }
  return { alert: before, reason: 'its time has not come' };
};
