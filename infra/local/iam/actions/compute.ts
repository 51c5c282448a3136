import {
  type AwsCall,
  asInput,
  type CallRule,
  check,
  type Input,
  nameOrArn,
  needsNothing,
  onResource,
  optionalText,
  passRole,
  type ServiceRules,
  sameName,
  text,
} from './call.ts';

/** A function by name, `name:qualifier`, partial ARN (`<account>:function:<name>`) or ARN, with its Qualifier. */
function lambdaFunction(input: Input, call: AwsCall): string {
  const given = text(input, 'FunctionName').replace(/^\d{12}:function:/, '');
  const qualifier = optionalText(input, 'Qualifier');
  return `${nameOrArn(call, 'lambda', given, 'function:')}${qualifier ? `:${qualifier}` : ''}`;
}

export const lambda: ServiceRules = {
  operations: {
    ...onResource(lambdaFunction, {
      Invoke: 'lambda:InvokeFunction',
      InvokeAsync: 'lambda:InvokeFunction',
      InvokeWithResponseStream: 'lambda:InvokeFunction',
      ...sameName(
        'lambda',
        'GetFunction',
        'GetFunctionConfiguration',
        'UpdateFunctionCode',
        'DeleteFunction',
      ),
      ...sameName('lambda', 'UpdateFunctionConfiguration', 'PutFunctionConcurrency'),
      ...sameName('lambda', 'GetAlias', 'UpdateAlias', 'ListVersionsByFunction'),
      ...sameName(
        'lambda',
        'GetProvisionedConcurrencyConfig',
        'PutProvisionedConcurrencyConfig',
        'DeleteProvisionedConcurrencyConfig',
      ),
    }),
  },
};

const stateMachine = (input: Input): string => text(input, 'stateMachineArn');

/** A token does not show its state machine; policies name the machine, so the host says which it is. */
function sendTask(action: string): CallRule {
  return (input, call) => [check(action, call.stateMachineArnOf?.(text(input, 'taskToken')) ?? '*')];
}

const createStateMachine: CallRule = (input, call) => [
  check('states:CreateStateMachine', nameOrArn(call, 'states', text(input, 'name'), 'stateMachine:')),
  ...passRole(optionalText(input, 'roleArn'), 'states.amazonaws.com'),
];

export const states: ServiceRules = {
  operations: {
    ...onResource(
      stateMachine,
      sameName('states', 'StartExecution', 'StartSyncExecution', 'ListExecutions', 'DescribeStateMachine'),
    ),
    ...onResource(
      (input) => text(input, 'executionArn'),
      sameName('states', 'DescribeExecution', 'StopExecution', 'GetExecutionHistory', 'RedriveExecution'),
    ),
    CreateStateMachine: createStateMachine,
    SendTaskSuccess: sendTask('states:SendTaskSuccess'),
    SendTaskFailure: sendTask('states:SendTaskFailure'),
    SendTaskHeartbeat: sendTask('states:SendTaskHeartbeat'),
  },
};

function schedule(input: Input, call: AwsCall): string {
  const group = optionalText(input, 'GroupName') ?? 'default';
  return nameOrArn(call, 'scheduler', text(input, 'Name'), `schedule/${group}/`);
}

function scheduleWithRole(action: string): CallRule {
  return (input, call) => [
    check(action, schedule(input, call)),
    ...passRole(optionalText(asInput(input.Target), 'RoleArn'), 'scheduler.amazonaws.com'),
  ];
}

export const scheduler: ServiceRules = {
  operations: {
    CreateSchedule: scheduleWithRole('scheduler:CreateSchedule'),
    UpdateSchedule: scheduleWithRole('scheduler:UpdateSchedule'),
    ...onResource(schedule, sameName('scheduler', 'GetSchedule', 'DeleteSchedule')),
    ...onResource(
      (input, call) => nameOrArn(call, 'scheduler', text(input, 'Name'), 'schedule-group/'),
      sameName('scheduler', 'CreateScheduleGroup', 'GetScheduleGroup', 'DeleteScheduleGroup'),
    ),
  },
};

/** The role's trust policy has to allow, whatever the caller's own policies say. */
const assumeRole: CallRule = (input) => {
  const context = {
    'sts:RoleSessionName': optionalText(input, 'RoleSessionName'),
    'sts:ExternalId': optionalText(input, 'ExternalId'),
  };
  return [{ ...check('sts:AssumeRole', text(input, 'RoleArn'), context), resourcePolicyMustAllow: true }];
};

export const sts: ServiceRules = {
  operations: {
    AssumeRole: assumeRole,
    /** AWS answers it to everyone, even against an explicit deny. */
    GetCallerIdentity: needsNothing,
  },
};
