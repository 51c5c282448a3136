import {
  type AwsCall,
  check,
  type Input,
  nameOrArn,
  onResource,
  optionalText,
  type ServiceRules,
  sameName,
  text,
} from './call.ts';

/** Actions of CloudWatch are `cloudwatch:…`, its requests are signed for `monitoring`. */
export const monitoring: ServiceRules = {
  prefix: 'cloudwatch',
  operations: {
    PutMetricData: (input) => [
      check('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': optionalText(input, 'Namespace') }),
    ],
    ...onResource(
      (input, call) => nameOrArn(call, 'cloudwatch', text(input, 'AlarmName'), 'alarm:'),
      sameName('cloudwatch', 'PutMetricAlarm', 'SetAlarmState'),
    ),
  },
};

function logGroup(input: Input, call: AwsCall): string {
  return nameOrArn(call, 'logs', text(input, 'logGroupName'), 'log-group:');
}

export const logs: ServiceRules = {
  operations: {
    ...onResource((input, call) => `${logGroup(input, call)}:log-stream:${text(input, 'logStreamName')}`, {
      ...sameName('logs', 'PutLogEvents', 'GetLogEvents', 'DeleteLogStream'),
    }),
    /** The ARN of a group ends with `:*`: its name alone is not what policies compare. */
    ...onResource((input, call) => `${logGroup(input, call)}:*`, {
      ...sameName(
        'logs',
        'CreateLogGroup',
        'CreateLogStream',
        'DescribeLogStreams',
        'FilterLogEvents',
        'StartQuery',
      ),
      ...sameName('logs', 'PutRetentionPolicy', 'DeleteLogGroup'),
    }),
  },
};
