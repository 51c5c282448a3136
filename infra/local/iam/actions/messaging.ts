import {
  type AwsCall,
  type CallRule,
  check,
  type Input,
  inputs,
  nameOrArn,
  onResource,
  optionalText,
  passRole,
  type ServiceRules,
  sameName,
  text,
} from './call.ts';

/** `http(s)://host/<account>/<queue>`: the host may be a gateway's, the last two parts never change. */
function queueOfUrl(input: Input, call: AwsCall): string {
  const [name = '', account = ''] = text(input, 'QueueUrl').split('/').reverse();
  const accountId = /^\d{12}$/.test(account) ? account : call.accountId;
  return `arn:aws:sqs:${call.region}:${accountId}:${name}`;
}

function queueOfName(input: Input, call: AwsCall): string {
  return nameOrArn(call, 'sqs', text(input, 'QueueName'));
}

export const sqs: ServiceRules = {
  operations: {
    ...onResource(queueOfUrl, {
      ...sameName(
        'sqs',
        'SendMessage',
        'ReceiveMessage',
        'DeleteMessage',
        'ChangeMessageVisibility',
        'PurgeQueue',
      ),
      ...sameName('sqs', 'GetQueueAttributes', 'SetQueueAttributes', 'DeleteQueue', 'TagQueue', 'UntagQueue'),
      ...sameName('sqs', 'ListQueueTags', 'ListDeadLetterSourceQueues'),
      SendMessageBatch: 'sqs:SendMessage',
      DeleteMessageBatch: 'sqs:DeleteMessage',
      ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
    }),
    ...onResource(queueOfName, sameName('sqs', 'GetQueueUrl', 'CreateQueue')),
    ...onResource(
      (input) => text(input, 'SourceArn'),
      sameName('sqs', 'StartMessageMoveTask', 'ListMessageMoveTasks'),
    ),
  },
};

/** A text message to a phone number has no topic, so it is checked against `*`. */
const publish: CallRule = (input) => {
  const target = optionalText(input, 'TopicArn') ?? optionalText(input, 'TargetArn') ?? '*';
  return [check('sns:Publish', target)];
};

export const sns: ServiceRules = {
  operations: {
    Publish: publish,
    PublishBatch: publish,
    ...onResource(
      (input) => text(input, 'TopicArn'),
      sameName(
        'sns',
        'Subscribe',
        'GetTopicAttributes',
        'SetTopicAttributes',
        'ListSubscriptionsByTopic',
        'DeleteTopic',
      ),
    ),
    ...onResource(
      (input, call) => nameOrArn(call, 'sns', text(input, 'Name')),
      sameName('sns', 'CreateTopic'),
    ),
  },
};

function bus(input: Input, call: AwsCall, name = 'EventBusName'): string {
  return nameOrArn(call, 'events', optionalText(input, name) ?? 'default', 'event-bus/');
}

/** Rules of the default bus are `rule/<name>`, those of another `rule/<bus>/<name>`. */
function rule(name: string): (input: Input, call: AwsCall) => string {
  return (input, call) => {
    const busName = bus(input, call).split('/').at(-1) ?? 'default';
    return nameOrArn(call, 'events', text(input, name), busName === 'default' ? 'rule/' : `rule/${busName}/`);
  };
}

/** One check for each bus, source and detail type: the condition keys have one value each. */
const putEvents: CallRule = (input, call) => {
  const checks = inputs(input.Entries).map((entry) =>
    check('events:PutEvents', bus(entry, call), {
      'events:source': text(entry, 'Source'),
      'events:detail-type': text(entry, 'DetailType'),
    }),
  );
  return [...new Map(checks.map((one) => [JSON.stringify(one), one])).values()];
};

const putTargets: CallRule = (input, call) => [
  check('events:PutTargets', rule('Rule')(input, call)),
  ...inputs(input.Targets).flatMap((target) =>
    passRole(optionalText(target, 'RoleArn'), 'events.amazonaws.com'),
  ),
];

export const events: ServiceRules = {
  operations: {
    PutEvents: putEvents,
    PutTargets: putTargets,
    ...onResource(
      rule('Name'),
      sameName('events', 'PutRule', 'DescribeRule', 'DeleteRule', 'EnableRule', 'DisableRule'),
    ),
    ...onResource(rule('Rule'), sameName('events', 'RemoveTargets', 'ListTargetsByRule')),
    ...onResource(
      (input, call) => bus(input, call, 'Name'),
      sameName('events', 'CreateEventBus', 'DescribeEventBus', 'DeleteEventBus'),
    ),
  },
};
