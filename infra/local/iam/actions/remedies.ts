/** What remediation asks of an account: the ARNs are of the account whose credentials were given. */
import {
  type AccessCheck,
  type AwsCall,
  arnOf,
  type CallRule,
  check,
  type Input,
  onResource,
  optionalText,
  type ServiceRules,
  sameName,
  text,
  texts,
} from './call.ts';

/** `InstanceId.1`, `InstanceId.2`: how the query protocol writes a list. */
function numbered(input: Input, name: string): string[] {
  return Object.keys(input)
    .filter((key) => key.startsWith(`${name}.`) && /^\d+$/.test(key.slice(name.length + 1)))
    .map((key) => text(input, key));
}

function instancesOf(action: string): CallRule {
  return (input, call) => [
    check(
      action,
      numbered(input, 'InstanceId').map((id) => arnOf(call, 'ec2', `instance/${id}`)),
    ),
  ];
}

/** What a launch is about beside its template: things that the call makes, or that the template chooses. */
const LAUNCHED = ['instance', 'network-interface', 'security-group', 'subnet', 'volume'];

const runInstances: CallRule = (input, call) => {
  const templateId = optionalText(input, 'LaunchTemplate.LaunchTemplateId');
  const template = templateId && arnOf(call, 'ec2', `launch-template/${templateId}`);
  const resources = [
    ...LAUNCHED.map((kind) => arnOf(call, 'ec2', `${kind}/*`)),
    `arn:aws:ec2:${call.region}::image/${optionalText(input, 'ImageId') ?? '*'}`,
    ...(template ? [template] : []),
  ];
  const tagged = Object.keys(input)
    .filter((key) => /^TagSpecification\.\d+\.ResourceType$/.test(key))
    .map((key): AccessCheck => {
      const made = arnOf(call, 'ec2', `${text(input, key)}/*`);
      return check('ec2:CreateTags', made, { 'ec2:CreateAction': 'RunInstances' });
    });
  return [check('ec2:RunInstances', resources, { 'ec2:LaunchTemplate': template }), ...tagged];
};

function volume(input: Input, call: AwsCall): string {
  return arnOf(call, 'ec2', `volume/${text(input, 'VolumeId')}`);
}

export const ec2: ServiceRules = {
  operations: {
    RebootInstances: instancesOf('ec2:RebootInstances'),
    StopInstances: instancesOf('ec2:StopInstances'),
    StartInstances: instancesOf('ec2:StartInstances'),
    TerminateInstances: instancesOf('ec2:TerminateInstances'),
    RunInstances: runInstances,
    CreateSnapshot: (input, call) => [
      check('ec2:CreateSnapshot', [volume(input, call), `arn:aws:ec2:${call.region}::snapshot/*`]),
    ],
    DeleteVolume: (input, call) => [check('ec2:DeleteVolume', volume(input, call))],
  },
};

/** The id in the ARN of a group is known to its account only, and its name is unique. */
export function autoScalingGroup(call: AwsCall, name: string): string {
  return arnOf(call, 'autoscaling', `autoScalingGroup:*:autoScalingGroupName/${name}`);
}

export const autoscaling: ServiceRules = {
  operations: {
    ...onResource(
      (input, call) => autoScalingGroup(call, text(input, 'AutoScalingGroupName')),
      sameName('autoscaling', 'SetDesiredCapacity', 'StartInstanceRefresh', 'CancelInstanceRefresh'),
    ),
    /** The group of the instance: the call does not name it. */
    SetInstanceHealth: (_input, call) => [
      check('autoscaling:SetInstanceHealth', autoScalingGroup(call, '*')),
    ],
  },
};

/** Documents of AWS belong to no account. */
function ofDocument(call: AwsCall, kind: string, name: string): string {
  const account = /^(aws|amazon|amzn)/i.test(name) ? '' : call.accountId;
  return `arn:aws:ssm:${call.region}:${account}:${kind}/${name}`;
}

/** IAM knows a document that is run by either name; a plan and a role may have either. */
const startAutomation: CallRule = (input, call) => {
  const name = text(input, 'DocumentName').replace(/^arn:.*:document\//, '');
  const version = optionalText(input, 'DocumentVersion') ?? '$DEFAULT';
  const names = [
    ofDocument(call, 'automation-definition', `${name}:${version}`),
    ofDocument(call, 'document', name),
  ];
  return [{ ...check('ssm:StartAutomationExecution', names), oneIsEnough: true }];
};

const documentOf = (input: Input, call: AwsCall): string => {
  const given = text(input, 'DocumentName');
  return given.startsWith('arn:') ? given : ofDocument(call, 'document', given);
};

const sendCommand: CallRule = (input, call) => [
  check('ssm:SendCommand', [
    documentOf(input, call),
    ...texts(input.InstanceIds).map((id) =>
      id.startsWith('mi-')
        ? arnOf(call, 'ssm', `managed-instance/${id}`)
        : arnOf(call, 'ec2', `instance/${id}`),
    ),
  ]),
];

export const ssmRemedies: Record<string, CallRule> = {
  StartAutomationExecution: startAutomation,
  SendCommand: sendCommand,
};

export const codedeploy: ServiceRules = {
  operations: {
    /** The group of the deployment: the call does not name it. */
    StopDeployment: (_input, call) => [
      check('codedeploy:StopDeployment', arnOf(call, 'codedeploy', 'deploymentgroup:*/*')),
    ],
  },
};

/** A stack by name has an id that only its account knows. */
function stack(input: Input, call: AwsCall): string {
  const given = text(input, 'StackName');
  return given.startsWith('arn:') ? given : arnOf(call, 'cloudformation', `stack/${given}/*`);
}

export const cloudformation: ServiceRules = {
  operations: onResource(
    stack,
    sameName('cloudformation', 'ContinueUpdateRollback', 'CancelUpdateStack', 'RollbackStack'),
  ),
};

/** Actions of Cloud Control are CloudFormation's, and know no narrower resource than `*`. */
export const cloudcontrolapi: ServiceRules = { prefix: 'cloudformation', operations: {} };
