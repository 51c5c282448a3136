import { type Draft, listed, type Surroundings } from './draft.ts';
import { type HeldBecause, type IncidentMember, mostOver, mostRules, mostTracked } from './incident.ts';

/** How the members stand with regard to telling. */
export type Tracked = {
  readonly firing: readonly IncidentMember[];
  /** Firing, and nothing speaks against telling of them. */
  readonly tellable: readonly IncidentMember[];
  /** Of those, the ones that channels do not know of yet, that changed since, or whose silence ended. */
  readonly fresh: readonly IncidentMember[];
  /** Whether one of the fresh was held back until now: it is told at once. */
  readonly isReleased: boolean;
  /** Told as firing, and not firing any more. */
  readonly cleared: readonly IncidentMember[];
  /** Whether a silence, a maintenance or a parent that is down keeps something back. */
  readonly isWaitingForRelease: boolean;
  /** Whether there is more than one look takes up: it is looked at again at once. */
  readonly hasMore: boolean;
};

/**
 * So many new lines for the digest one look takes up: with a reason of at most `mostReason` each they fit into the item, in
 * which they stand until they are kept, many times.
 */
const mostLines = 100;
const mostReason = 500;

const heldTexts: Readonly<Record<Exclude<HeldBecause, 'wait' | 'channel'>, (names: string) => string>> = {
  muted: (names) => `Recorded and not told, for it is muted: ${names}.`,
  parent: (names) => `Recorded and not told, for its parent is down: ${names}.`,
  info: (names) => `Recorded for the daily digest: ${names}.`,
};

const nameOf = ({ ruleName, subject }: IncidentMember): string => `«${ruleName}» for ${subject.name}`;

/** Why a firing member is not told; undefined when it is. */
const heldBecause = (
  { alertId, severity, subject }: IncidentMember,
  { muted, parentsDown, targets }: Surroundings,
): Exclude<HeldBecause, 'wait'> | undefined => {
  if (muted.has(alertId)) return 'muted';
  if (severity === 'info') return 'info';
  if (subject.parentCheckId !== undefined && parentsDown.has(subject.parentCheckId)) return 'parent';
  return (targets.get(alertId)?.channels.length ?? 0) === 0 ? 'channel' : undefined;
};

/**
 * Brings what the incident knows of its members to how they stand now, and says what is new about them. What was told
 * stays told when it is muted afterwards, for its end must be told.
 */
export const track = (draft: Draft, around: Surroundings): Tracked => {
  const { before } = draft;
  const firing = around.members.filter(({ state }) => state === 'firing');
  const byId = new Map(around.members.map((member) => [member.alertId, member]));
  const reasons = new Map(firing.map((member) => [member.alertId, heldBecause(member, around)]));
  const isKnown = ({ alertId }: IncidentMember) =>
    Object.hasOwn(before.told, alertId) || Object.hasOwn(before.held, alertId);
  const told: Record<string, number> = {};
  const held: Record<string, HeldBecause> = {};
  const over = new Set(before.over);
  const cleared: IncidentMember[] = [];
  for (const [alertId, seq] of Object.entries(before.told)) {
    const member = byId.get(alertId);
    if (member?.state === 'firing') told[alertId] = seq;
    else if (member) cleared.push(member);
  }
  for (const { alertId } of cleared) over.add(alertId);
  for (const alertId of over) if (over.size > mostOver) over.delete(alertId);
  let room = mostTracked - Object.keys(told).length - over.size;
  let lines = mostLines;
  const joined: IncidentMember[] = [];
  // Where there is not room for all, what is to be told comes before what is not.
  const isHeld = ({ alertId }: IncidentMember) => Number(reasons.get(alertId) !== undefined);
  for (const member of [...firing].sort((one, other) => isHeld(one) - isHeld(other))) {
    if (Object.hasOwn(told, member.alertId)) {
      if (reasons.get(member.alertId) === 'muted') held[member.alertId] = 'muted';
      continue;
    }
    if (room <= 0) continue;
    const isLine = reasons.get(member.alertId) === 'info' && before.held[member.alertId] !== 'info';
    if (isLine && lines-- <= 0) continue;
    room--;
    held[member.alertId] = reasons.get(member.alertId) ?? before.held[member.alertId] ?? 'wait';
    if (!isKnown(member)) joined.push(member);
  }
  draft.set({ told, held, over: [...over] });
  noteMembers(draft, around, { joined, cleared });
  const tellable = firing.filter(
    ({ alertId }) =>
      reasons.get(alertId) === undefined && (Object.hasOwn(told, alertId) || Object.hasOwn(held, alertId)),
  );
  const fresh = tellable.filter(
    ({ alertId, seq }) => told[alertId] !== seq || before.held[alertId] === 'muted',
  );
  const wasHeld = new Set<HeldBecause | undefined>(['muted', 'parent', 'channel']);
  return {
    firing,
    tellable,
    fresh,
    isReleased: fresh.some(({ alertId }) => wasHeld.has(before.held[alertId])),
    cleared,
    hasMore: lines < 0,
    isWaitingForRelease: [...reasons.values()].some((reason) => reason === 'muted' || reason === 'parent'),
  };
};

/** Puts on the timeline what began and ended, and why something is not told, all of a kind in one line. */
const noteMembers = (
  draft: Draft,
  { members }: Surroundings,
  {
    joined,
    cleared,
  }: { readonly joined: readonly IncidentMember[]; readonly cleared: readonly IncidentMember[] },
): void => {
  const { before, incident } = draft;
  const begun = (count: number) => (count === 1 ? 'An alert fires' : `${count} alerts fire`);
  const alertIdOf = (list: readonly IncidentMember[]) =>
    list.length === 1 && list[0] ? { alertId: list[0].alertId } : {};
  if (joined.length > 0) {
    const reason = joined.length === 1 ? ` ${joined[0]?.reason ?? ''}` : '';
    draft.note(
      'joined',
      `${begun(joined.length)}: ${listed(joined.map(nameOf))}.${reason}`,
      alertIdOf(joined),
    );
    draft.set({ rules: countRules(draft, joined) });
    draft.changed('grown');
  }
  const quietly = members.filter(
    ({ alertId, state }) =>
      state !== 'firing' && Object.hasOwn(before.held, alertId) && !Object.hasOwn(before.told, alertId),
  );
  const ended = [...cleared, ...quietly];
  if (ended.length > 0) {
    draft.note('cleared', `Not firing any more: ${listed(ended.map(nameOf))}.`, alertIdOf(ended));
  }
  for (const why of ['muted', 'parent', 'info'] as const) {
    const now = members.filter(
      ({ alertId }) => incident.held[alertId] === why && before.held[alertId] !== why,
    );
    if (now.length > 0) draft.note('held', heldTexts[why](listed(now.map(nameOf))), alertIdOf(now));
    if (why === 'info') for (const member of now) draft.digest.push(lineOf(member, draft.now));
  }
};

const lineOf = (member: IncidentMember, at: number) => ({
  alertId: member.alertId,
  at,
  deploymentId: member.subject.deploymentId,
  ruleName: member.ruleName,
  subject: member.subject.name,
  reason: member.reason.slice(0, mostReason),
});

export const countRules = ({ incident }: Draft, joined: readonly IncidentMember[]) => {
  const rules = { ...incident.rules };
  for (const { ruleId, ruleName } of joined) {
    const known = rules[ruleId];
    if (!known && Object.keys(rules).length >= mostRules) continue;
    rules[ruleId] = { name: ruleName, fired: (known?.fired ?? 0) + 1 };
  }
  return rules;
};
