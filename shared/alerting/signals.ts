import type { EventType } from '../platform/events.ts';
import type { AlertWake, AwsEvent, OwnEvent, RuleTick, Signal } from './signal.ts';

/** Own events that something is made of here; others are for others. */
export const ownSignals = [
  'check.status_changed',
  'check.changed',
  'monitor.blind',
  'rule.changed',
  'finding.changed',
  'remediation.changed',
  'alert.state_changed',
  'audit.recorded',
] as const satisfies readonly EventType[];

/** What each event must say to be worked on at all. */
const needed: Readonly<Record<(typeof ownSignals)[number], readonly string[]>> = {
  'check.status_changed': ['deploymentId', 'checkId', 'to', 'at'],
  'check.changed': ['deploymentId', 'checkId'],
  'monitor.blind': ['location', 'network', 'state', 'at'],
  'rule.changed': ['ruleId'],
  'finding.changed': ['findingId', 'state', 'at'],
  'remediation.changed': ['id', 'remediationId', 'status', 'at'],
  'alert.state_changed': ['alertId', 'ruleId'],
  'audit.recorded': ['id', 'at', 'action'],
};

/**
 * Reads a message of the queue `signals`: an event as EventBridge hands it on, a tick of a rule shard, or the wake of
 * an alert. Throws for what is none of these, so that it ends among the dead letters.
 */
export const parseSignal = (body: unknown): Signal => {
  const message = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (message.kind === 'rules') return parseTick(message);
  if (message.kind === 'alert') return parseWake(message);
  if (typeof message.source === 'string' && message.source.startsWith('aws.')) return parseAws(message);
  if (message.source === 'homeostat') return parseOwn(message);
  throw new Error('the message is neither an event, nor a tick of rules, nor the wake of an alert');
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const parseTick = ({ shard, at, version }: Readonly<Record<string, unknown>>): RuleTick => {
  if (!isText(shard) || typeof at !== 'number') throw new Error('a tick of rules names shard and at');
  return { kind: 'rules', shard, at, ...(typeof version === 'number' && { version }) };
};

const parseWake = ({ pk, sk }: Readonly<Record<string, unknown>>): AlertWake => {
  if (!isText(pk) || !isText(sk) || !pk.startsWith('ALERTS#')) {
    throw new Error('the wake of an alert names where it lies: pk and sk');
  }
  return { kind: 'alert', pk, sk };
};

const parseAws = (message: Readonly<Record<string, unknown>>): AwsEvent => {
  const { time, account, region, id } = message;
  if (![time, account, region, id, message['detail-type']].every(isText)) {
    throw new Error('the event of AWS lacks id, time, account, region or detail-type');
  }
  return message as unknown as AwsEvent;
};

/** What happened at no instant is neither newer nor older than anything. */
const isSound = (name: string, value: unknown): boolean =>
  name !== 'at' || !Number.isNaN(Date.parse(String(value)));

const parseOwn = (message: Readonly<Record<string, unknown>>): OwnEvent => {
  const type = message['detail-type'];
  if (!isText(type)) throw new Error('the event has no detail-type');
  const detail = (message.detail ?? {}) as Readonly<Record<string, unknown>>;
  const missing = (Object.hasOwn(needed, type) ? needed[type as keyof typeof needed] : []).find(
    (name) => !isText(detail[name]) || String(detail[name]).length > 500 || !isSound(name, detail[name]),
  );
  if (missing !== undefined) throw new Error(`the event ${type} does not say detail.${missing}`);
  if (missing === undefined && typeof message.detail !== 'object') throw new Error('the event has no detail');
  return message as unknown as OwnEvent;
};
