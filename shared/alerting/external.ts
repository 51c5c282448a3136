import { type Severity, severities } from '../platform/events.ts';
import { sha256 } from '../platform/ids.ts';
import type { AwsEvent } from './signal.ts';
import type { Subject } from './subject.ts';
import type { ExternalSignal } from './types/type.ts';

/** The tag by which a resource of AWS, or an alarm about it, says which deployment it belongs to. */
export const deploymentTag = 'homeostat:deployment';

type Fields = Readonly<Record<string, unknown>>;
const fieldsIn = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** One line of bounded length: what others wrote goes into messages. */
const longestText = 400;
const lineOf = (...parts: readonly (string | undefined)[]): string =>
  parts
    .filter((part) => part !== undefined)
    .join(': ')
    .replace(/\s+/g, ' ')
    .slice(0, longestText);

/**
 * What an event of AWS says, brought into one form; nothing where it says neither that something is wrong nor that it is
 * right again. Shapes and values are those of the services' own documentation, named at each reader below.
 */
export const externalSignalsOf = (event: AwsEvent): readonly ExternalSignal[] => {
  switch (`${event.source} ${event['detail-type']}`) {
    case 'aws.cloudwatch CloudWatch Alarm State Change':
      return alarmSignal(event);
    case 'aws.guardduty GuardDuty Finding':
      return guardDutySignal(event);
    case 'aws.securityhub Security Hub Findings - Imported':
      return securityHubSignals(event);
    case 'aws.health AWS Health Event':
      return healthSignal(event);
    default:
      return [];
  }
};

type About = {
  readonly source: ExternalSignal['source'];
  readonly event: AwsEvent;
  /** Unique among those of the source. */
  readonly id: string;
  readonly name: string;
  readonly deploymentId: string | undefined;
  readonly labels?: Readonly<Record<string, string | undefined>>;
};

/** Of it keys and groups of incidents are made. */
const longestId = 512;
/** As deployments may be called; a tag that says anything else names none. */
const deploymentPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;
/** AWS allows 50 tags a resource; whoever makes findings of his own may write any number, and events wait in the alert. */
const mostLabelBytes = 8000;

const subjectOf = ({ source, event, id, name, deploymentId: tagged, labels = {} }: About): Subject => {
  const deploymentId = tagged !== undefined && deploymentPattern.test(tagged) ? tagged : undefined;
  const own = { source, account: event.account, region: event.region, name, deployment: deploymentId };
  return {
    key: `external:${source}:${id.length > longestId ? sha256(id) : id}`,
    deploymentId: deploymentId ?? null,
    name: lineOf(name),
    labels: bounded({ ...own, ...labels }),
  };
};

/** The first of them, as many as fit. */
const bounded = (labels: Readonly<Record<string, string | undefined>>): Record<string, string> => {
  let room = mostLabelBytes;
  return Object.fromEntries(
    Object.entries(labels).flatMap(([label, text]) => {
      const value = lineOf(text);
      room -= Buffer.byteLength(label) + Buffer.byteLength(value);
      return text === undefined || room < 0 ? [] : [[label, value]];
    }),
  );
};

const sentAt = (event: AwsEvent): number => {
  const sent = Date.parse(event.time);
  if (Number.isNaN(sent)) throw new Error('the event of AWS has no time that can be read');
  return sent;
};

/**
 * When it happened, as the service says; never later than the event was sent: an instant to come would make all that
 * follows seem late, its end too (fault 9).
 */
const instantOf = (event: AwsEvent, text: unknown): number => {
  const told = Date.parse(textIn(text) ?? '');
  return Number.isNaN(told) ? sentAt(event) : Math.min(told, sentAt(event) + 999);
};

/**
 * Amazon CloudWatch User Guide, «Alarm events and EventBridge»: `detail.alarmName`, `detail.state.{value, reason,
 * timestamp}`, and `detail.alarmTags` where tag propagation is enabled. An alarm has no severity of its own: a tag
 * `severity` says it, else it is an error. INSUFFICIENT_DATA says neither: what fires goes on, and nothing begins.
 */
const alarmSignal = (event: AwsEvent): readonly ExternalSignal[] => {
  const detail = fieldsIn(event.detail);
  const [state, tags] = [fieldsIn(detail.state), fieldsIn(detail.alarmTags)];
  const name = textIn(detail.alarmName);
  if (name === undefined) throw new Error('the event of CloudWatch names no alarm');
  if (state.value !== 'ALARM' && state.value !== 'OK') return [];
  const id = textIn(listIn(event.resources)[0]) ?? `${event.account}:${event.region}:${name}`;
  const about: About = { source: 'cloudwatch', event, id, name, deploymentId: textIn(tags[deploymentTag]) };
  return [
    {
      source: 'cloudwatch',
      subject: subjectOf({ ...about, labels: tagLabels(tags) }),
      state: state.value === 'ALARM' ? 'firing' : 'resolved',
      severity: severities.find((one) => one === tags.severity) ?? 'error',
      reason: lineOf(textIn(state.reason) ?? `the alarm is ${state.value}`),
      at: instantOf(event, state.timestamp),
    },
  ];
};

/**
 * Amazon GuardDuty User Guide, «Severity levels of findings»: critical 9.0 to 10.0, high 7.0 to 8.9, medium 4.0 to 6.9,
 * low 1.0 to 3.9. «Processing findings with EventBridge»: `detail` is the finding, with `id`, `type`, `title`, `severity`,
 * `updatedAt` and `service.archived`. GuardDuty tells of no end but the archiving: such an alert ends by hand.
 */
const guardDutySignal = (event: AwsEvent): readonly ExternalSignal[] => {
  const detail = fieldsIn(event.detail);
  const id = textIn(detail.id);
  if (id === undefined || typeof detail.severity !== 'number') {
    throw new Error('the finding of GuardDuty has no id or no severity');
  }
  const [resource, service] = [fieldsIn(detail.resource), fieldsIn(detail.service)];
  const tags = pairsOf(listIn(fieldsIn(resource.instanceDetails).tags));
  const name = textIn(detail.title) ?? textIn(detail.type) ?? id;
  const labels = { type: textIn(detail.type), resource: textIn(resource.resourceType), ...tagLabels(tags) };
  return [
    {
      source: 'guardduty',
      subject: subjectOf({
        source: 'guardduty',
        event,
        id,
        name,
        deploymentId: textIn(tags[deploymentTag]),
        labels,
      }),
      state: service.archived === true ? 'resolved' : 'firing',
      severity: guardDutySeverity(detail.severity),
      reason: lineOf(textIn(detail.type), textIn(detail.description) ?? name),
      at: instantOf(event, detail.updatedAt),
    },
  ];
};

const guardDutySeverity = (severity: number): Severity => {
  if (severity >= 9) return 'critical';
  if (severity >= 7) return 'error';
  return severity >= 4 ? 'warning' : 'info';
};

/**
 * AWS Security Hub User Guide, «AWS Security Finding Format»: `Id`, `Title`, `Severity.Label` (INFORMATIONAL, LOW, MEDIUM,
 * HIGH, CRITICAL), `Workflow.Status` (NEW, NOTIFIED, SUPPRESSED, RESOLVED), `RecordState` (ACTIVE, ARCHIVED),
 * `Compliance.Status` (PASSED, WARNING, FAILED, NOT_AVAILABLE), `Resources[].Tags`. It is over when it is resolved,
 * suppressed, archived, or when the control passes. Changes by customers (`BatchUpdateFindings`, so also its end by hand)
 * leave `UpdatedAt` as it was: only when the event was sent tells which one is newer.
 */
const securityHubSignals = (event: AwsEvent): readonly ExternalSignal[] => {
  const findings = listIn(fieldsIn(event.detail).findings).map(fieldsIn);
  const sound = findings.filter(({ Id }) => textIn(Id) !== undefined);
  // One that names nothing must not keep its neighbours from being told; an event of only such ones is a dead letter.
  if (sound.length === 0) throw new Error('the event of Security Hub has no finding with an Id');
  return sound.map((found) => securityHubSignal(event, found));
};

const securityHubSignal = (event: AwsEvent, found: Fields): ExternalSignal => {
  const id = String(found.Id);
  const resource = fieldsIn(listIn(found.Resources)[0]);
  const tags = fieldsIn(resource.Tags);
  const workflow = textIn(fieldsIn(found.Workflow).Status);
  const isOver =
    workflow === 'RESOLVED' ||
    workflow === 'SUPPRESSED' ||
    found.RecordState === 'ARCHIVED' ||
    fieldsIn(found.Compliance).Status === 'PASSED';
  const name = textIn(found.Title) ?? id;
  const labels = { resource: textIn(resource.Id), type: textIn(resource.Type), ...tagLabels(tags) };
  const deploymentId = textIn(tags[deploymentTag]);
  return {
    source: 'securityhub',
    subject: subjectOf({ source: 'securityhub', event, id, name, deploymentId, labels }),
    state: isOver ? 'resolved' : 'firing',
    severity: securityHubSeverities[textIn(fieldsIn(found.Severity).Label) ?? ''] ?? 'warning',
    reason: lineOf(name, textIn(resource.Id)),
    at: sentAt(event),
  };
};

const securityHubSeverities: Readonly<Record<string, Severity>> = {
  INFORMATIONAL: 'info',
  LOW: 'info',
  MEDIUM: 'warning',
  HIGH: 'error',
  CRITICAL: 'critical',
};

/**
 * AWS Health User Guide, «AWS Health events Amazon EventBridge schema»: `eventArn`, `service`, `eventTypeCode`,
 * `eventTypeCategory` (issue, investigation, scheduledChange, accountNotification), `statusCode` (open, upcoming, closed),
 * `eventRegion`, `eventDescription[].latestDescription`, `lastUpdatedTime`. The event's region is where it was delivered;
 * the ARN alone is not unique among accounts. What is announced (upcoming) is told as what is there.
 */
const healthSignal = (event: AwsEvent): readonly ExternalSignal[] => {
  const detail = fieldsIn(event.detail);
  const [arn, code] = [textIn(detail.eventArn), textIn(detail.eventTypeCode)];
  if (arn === undefined || code === undefined)
    throw new Error('the event of AWS Health has no ARN or no type');
  const entity = fieldsIn(listIn(detail.affectedEntities)[0]);
  const tags = fieldsIn(entity.tags);
  const description = textIn(fieldsIn(listIn(detail.eventDescription)[0]).latestDescription);
  const category = textIn(detail.eventTypeCategory) ?? '';
  return [
    {
      source: 'health',
      subject: subjectOf({
        source: 'health',
        event,
        id: `${textIn(detail.affectedAccount) ?? event.account}:${arn}`,
        name: code,
        deploymentId: textIn(tags[deploymentTag]),
        labels: {
          type: category,
          service: textIn(detail.service),
          region: textIn(detail.eventRegion) ?? event.region,
        },
      }),
      state: detail.statusCode === 'closed' ? 'resolved' : 'firing',
      severity: healthSeverities[category] ?? 'warning',
      reason: lineOf(textIn(detail.service), description ?? code),
      at: instantOf(event, detail.lastUpdatedTime),
    },
  ];
};

const healthSeverities: Readonly<Record<string, Severity>> = {
  issue: 'error',
  investigation: 'warning',
  scheduledChange: 'warning',
  accountNotification: 'info',
};

/** Tags as GuardDuty lists them: `[{key, value}]`. */
const pairsOf = (tags: readonly unknown[]): Fields =>
  Object.fromEntries(
    tags.map(fieldsIn).flatMap(({ key, value }) => (textIn(key) ? [[String(key), value]] : [])),
  );

const tagLabels = (tags: Fields): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(tags).map(([name, value]) => [`tag.${name}`, textIn(value)]));
