import { randomUUID } from 'node:crypto';
import type { InvokeLater } from '../functions/later.ts';
import type { Access, Caller, Verdict } from '../gateway/access.ts';
import { serviceCaller } from '../gateway/access.ts';
import type { Service } from '../gateway/gateway.ts';
import { AwsError, jsonAnswer } from '../gateway/wire.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { HostClock } from '../time/clock.ts';
import { compilePattern } from './pattern.ts';
import { inputFor, type TargetInput } from './transform.ts';

export type RuleTarget = TargetInput & {
  readonly Id: string;
  readonly Arn: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
};
export type Rule = {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly pattern: unknown;
  readonly targets: readonly RuleTarget[];
};

/** An event as rules and targets see it. */
export type BusEvent = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: unknown;
};

export type EventBusHost = {
  readonly service: Service;
  /** Puts what a service of AWS tells on the default bus; every matching target has it when this resolves. */
  tell(entry: Readonly<Record<string, unknown>>): Promise<void>;
  /** Calls `listen` for each event that a bus took, after its deliveries. */
  subscribe(listen: (event: BusEvent, busName: string) => void): void;
};

export type EventBusOptions = {
  readonly buses: readonly string[];
  readonly rules: readonly Rule[];
  readonly accountId: string;
  readonly region: string;
  readonly clock: HostClock;
  readonly messaging: Messaging;
  readonly invokeLater: InvokeLater;
  readonly access: Access;
  readonly onUndelivered: (rule: Rule, target: RuleTarget, reason: string) => void;
};

/** The size of one entry that PutEvents takes. */
const entryBytes = 256 * 1024;

/**
 * EventBridge. PutEvents answers only after every matching target has the event stored (a queue, or Lambda's own
 * queue in front of a function), so a killed host loses no event that was taken.
 */
export const createEventBus = (options: EventBusOptions): EventBusHost => {
  const rules = options.rules.map((rule) => ({ rule, matches: compilePattern(rule.pattern) }));
  const listeners: ((event: BusEvent, busName: string) => void)[] = [];

  const store = async (arn: string, text: string): Promise<void> => {
    const [, , service, , , name = ''] = arn.split(':');
    if (service === 'sqs') await options.messaging.send(name, text);
    else await options.invokeLater(arn, JSON.parse(text));
  };
  const mayReach = (rule: Rule, arn: string): Verdict => {
    const action = arn.split(':')[2] === 'sqs' ? 'sqs:SendMessage' : 'lambda:InvokeFunction';
    return options.access.authorize(serviceCaller('events.amazonaws.com'), action, arn, {
      'aws:SourceArn': rule.arn,
    });
  };
  /** What a target refuses goes to its dead letters; EventBridge does not try again what it may not do. */
  const deliver = async (rule: Rule, target: RuleTarget, event: BusEvent): Promise<void> => {
    const verdict = mayReach(rule, target.Arn);
    if (verdict.allowed) return store(target.Arn, inputFor(target, event));
    options.onUndelivered(rule, target, verdict.sentence);
    const deadLetters = target.DeadLetterConfig?.Arn;
    if (deadLetters !== undefined && mayReach(rule, deadLetters).allowed) {
      await store(deadLetters, JSON.stringify(event));
    }
  };

  const put = async (entry: Readonly<Record<string, unknown>>, caller: Caller) => {
    const refused = refusalOf(entry, caller);
    if (refused) return refused;
    const busName = busNameOf(entry.EventBusName);
    const event = eventFrom(entry, options);
    // An event for a bus that does not exist is taken and lost, as in the service.
    if (options.buses.includes(busName)) {
      const matching = rules.filter(({ rule, matches }) => rule.busName === busName && matches(event));
      await Promise.all(
        matching.flatMap(({ rule }) => rule.targets.map((target) => deliver(rule, target, event))),
      );
      for (const listen of listeners) listen(event, busName);
    }
    return { EventId: event.id };
  };

  return {
    subscribe: (listen) => listeners.push(listen),
    async tell(entry) {
      const answer = await put(entry, { kind: 'host' });
      if ('ErrorCode' in answer) throw new Error(`${answer.ErrorCode}: ${answer.ErrorMessage}`);
    },
    service: async ({ name, input }, _request, caller) => {
      if (name !== 'PutEvents')
        throw new AwsError('UnknownOperationException', `events:${name} is not hosted on one machine`);
      const entries = Array.isArray(input.Entries) ? (input.Entries as Record<string, unknown>[]) : [];
      if (entries.length === 0 || entries.length > 10) {
        throw new AwsError('ValidationException', 'PutEvents takes 1 to 10 entries');
      }
      const answers = await Promise.all(entries.map((entry) => put(entry, caller)));
      return jsonAnswer(
        { FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers },
        200,
        'application/x-amz-json-1.1',
      );
    },
  };
};

const busNameOf = (given: unknown): string =>
  String(given ?? 'default')
    .split('/')
    .at(-1) ?? 'default';

const refusalOf = (entry: Readonly<Record<string, unknown>>, caller: Caller) => {
  // Whoever holds the host's own key stands for the services of AWS, so that what they tell can be tried out.
  if (caller.kind !== 'host' && String(entry.Source).startsWith('aws.')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  }
  for (const field of ['Source', 'DetailType', 'Detail']) {
    if (typeof entry[field] !== 'string' || entry[field] === '') {
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${field} is not valid. Reason: ${field} is a required argument.`,
      };
    }
  }
  if (!isObjectText(String(entry.Detail)))
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const bytes = ['Source', 'DetailType', 'Detail'].reduce(
    (sum, field) => sum + Buffer.byteLength(String(entry[field])),
    0,
  );
  if (bytes > entryBytes)
    return {
      ErrorCode: 'ValidationException',
      ErrorMessage: 'Total size of the entries in the request is over the limit.',
    };
  return undefined;
};

const isObjectText = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const eventFrom = (
  entry: Readonly<Record<string, unknown>>,
  { accountId, region, clock }: Pick<EventBusOptions, 'accountId' | 'region' | 'clock'>,
): BusEvent => {
  const seconds = typeof entry.Time === 'number' ? entry.Time : Math.floor(clock.now() / 1000);
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': String(entry.DetailType),
    source: String(entry.Source),
    account: accountId,
    time: new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'),
    region,
    resources: Array.isArray(entry.Resources) ? entry.Resources : [],
    detail: JSON.parse(String(entry.Detail)) as unknown,
  };
};
