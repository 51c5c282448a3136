import { arn, fitted, flag, type Named, physicalName, property, uuid } from '../arns.ts';
import type { ResourceTypes } from './type.ts';

/** The services insist that the names of first-in-first-out queues and topics end so. */
const FIFO = '.fifo';

function fifoName(named: Named, nameProperty: string, fifoProperty: string, maxLength: number): string {
  const given = property(named, nameProperty);
  if (given !== undefined || !flag(named, fifoProperty)) return physicalName(named, nameProperty, maxLength);
  return `${fitted(physicalName(named, undefined), maxLength - FIFO.length)}${FIFO}`;
}

const queue = (named: Named) => fifoName(named, 'QueueName', 'FifoQueue', 80);
const queueUrl = (named: Named) => `${named.machine.gatewayUrl}/${named.machine.accountId}/${queue(named)}`;

const topic = (named: Named) => fifoName(named, 'TopicName', 'FifoTopic', 256);
const topicArn = (named: Named) => arn(named, 'sns', topic(named));

const bus = (named: Named) => physicalName(named, 'Name');

/** The rule's bus by name, also where the template gives its ARN; the default bus has none. */
function ruleBus(named: Named): string | undefined {
  const name = property(named, 'EventBusName')?.split('/').at(-1);
  return name === 'default' ? undefined : name;
}

const rule = (named: Named) => physicalName(named, 'Name', 64);

/** A rule of a bus of one's own is referred to as `<bus>|<rule>`. */
function ruleRef(named: Named): string {
  const busName = ruleBus(named);
  return busName === undefined ? rule(named) : `${busName}|${rule(named)}`;
}

function ruleArn(named: Named): string {
  const busName = ruleBus(named);
  return arn(
    named,
    'events',
    busName === undefined ? `rule/${rule(named)}` : `rule/${busName}/${rule(named)}`,
  );
}

const schedule = (named: Named) => physicalName(named, 'Name', 64);
const scheduleGroup = (named: Named) => physicalName(named, 'Name', 64);
const alarm = (named: Named) => physicalName(named, 'AlarmName');
const own = (named: Named) => physicalName(named, undefined);

export const MESSAGING: ResourceTypes = {
  'AWS::SQS::Queue': {
    ref: queueUrl,
    attributes: { Arn: (named) => arn(named, 'sqs', queue(named)), QueueName: queue, QueueUrl: queueUrl },
  },
  'AWS::SQS::QueuePolicy': { ref: own, attributes: { Id: own } },
  'AWS::SNS::Topic': { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: topic } },
  'AWS::SNS::TopicPolicy': { ref: own, attributes: { Id: own } },
  'AWS::SNS::Subscription': {
    ref: (named) => `${property(named, 'TopicArn') ?? ''}:${uuid(named)}`,
    attributes: { Arn: (named) => `${property(named, 'TopicArn') ?? ''}:${uuid(named)}` },
  },
  'AWS::Events::EventBus': {
    ref: bus,
    attributes: { Arn: (named) => arn(named, 'events', `event-bus/${bus(named)}`), Name: bus },
  },
  'AWS::Events::EventBusPolicy': { ref: own },
  'AWS::Events::Rule': { ref: ruleRef, attributes: { Arn: ruleArn } },
  'AWS::Scheduler::Schedule': {
    ref: schedule,
    attributes: {
      Arn: (named) =>
        arn(named, 'scheduler', `schedule/${property(named, 'GroupName') ?? 'default'}/${schedule(named)}`),
    },
  },
  'AWS::Scheduler::ScheduleGroup': {
    ref: scheduleGroup,
    attributes: { Arn: (named) => arn(named, 'scheduler', `schedule-group/${scheduleGroup(named)}`) },
  },
  'AWS::CloudWatch::Alarm': {
    ref: alarm,
    attributes: { Arn: (named) => arn(named, 'cloudwatch', `alarm:${alarm(named)}`) },
  },
};
