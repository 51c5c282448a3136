/**
 * Every kind of action, and what it may do in AWS: the one list from which the stack makes a role a kind and a plan the
 * session policy that narrows that role. Data only. `tagKey` says that the service lets the statement be conditioned on
 * the tag of the resource (`aws:ResourceTag/<key>`); where it is missing, deploy-time configuration must give ARNs.
 * `{account}` and the like in `resources` are filled by whoever makes a policy of it.
 * Sources: AWS Service Authorization Reference, one page a service.
 */
export type ActionStatement = {
  readonly actions: readonly string[];
  /** What the actions are allowed on, before it is narrowed: `arn:{partition}:ec2:{region}:{account}:instance/*`. */
  readonly resources: readonly string[];
  readonly byTag?: true;
  /** The resources are what the call itself makes: nothing that is there can be named. */
  readonly isNew?: true;
  /** Only for what a launch template of the configuration makes or uses (`ec2:LaunchTemplate`). */
  readonly viaLaunchTemplate?: true;
  /** Always said with it, as in a policy: operator → key → value. */
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

export type ActionGrant = {
  /** `none`: no call to AWS is made. */
  readonly service:
    | 'ec2'
    | 'autoscaling'
    | 'ecs'
    | 'rds'
    | 'lambda'
    | 'ssm'
    | 'codedeploy'
    | 'cloudformation'
    | 'none';
  /** Removes something that cannot be had back, or makes new cost: only with an opt-in of its own, and people approve it unless a policy says otherwise. */
  readonly isDestructive?: true;
  readonly statements: readonly ActionStatement[];
  /** Read calls of planning, gate and verification. They know no narrower resource than `*`, or are harmless. */
  readonly reads: readonly string[];
};

const of = (service: string, resource: string): string =>
  `arn:{partition}:${service}:{region}:{account}:${resource}`;
const instance = of('ec2', 'instance/*');
const group = of('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/*');
const ecsService = of('ecs', 'service/*');
const lambdaFunction = of('lambda', 'function:*');
const stack = of('cloudformation', 'stack/*');
const ssmDocument = 'arn:{partition}:ssm:{region}:*:document/*';

const readInstances = ['ec2:DescribeInstances', 'ec2:DescribeInstanceStatus'];
const readGroups = ['autoscaling:DescribeAutoScalingGroups'];
const readServices = ['ecs:DescribeServices', 'ecs:ListTaskDefinitions'];
const readDatabases = ['rds:DescribeDBInstances', 'rds:DescribeDBClusters'];
const readFunctions = [
  'lambda:GetAlias',
  'lambda:ListVersionsByFunction',
  'lambda:GetProvisionedConcurrencyConfig',
];

export const actionGrants = {
  'ec2-reboot': {
    service: 'ec2',
    statements: [{ actions: ['ec2:RebootInstances'], resources: [instance], byTag: true }],
    reads: readInstances,
  },
  'ec2-stop': {
    service: 'ec2',
    statements: [{ actions: ['ec2:StopInstances'], resources: [instance], byTag: true }],
    reads: readInstances,
  },
  'ec2-start': {
    service: 'ec2',
    statements: [{ actions: ['ec2:StartInstances'], resources: [instance], byTag: true }],
    reads: readInstances,
  },
  'ec2-replace': {
    service: 'autoscaling',
    statements: [{ actions: ['autoscaling:SetInstanceHealth'], resources: [group], byTag: true }],
    reads: [...readGroups, 'autoscaling:DescribeAutoScalingInstances', ...readInstances],
  },
  reprovision: {
    service: 'ec2',
    isDestructive: true,
    statements: [
      {
        actions: ['ec2:RunInstances'],
        resources: [of('ec2', 'launch-template/*')],
      },
      {
        actions: ['ec2:RunInstances'],
        resources: [
          instance,
          of('ec2', 'key-pair/*'),
          of('ec2', 'network-interface/*'),
          of('ec2', 'security-group/*'),
          of('ec2', 'subnet/*'),
          of('ec2', 'volume/*'),
          'arn:{partition}:ec2:{region}::image/*',
        ],
        viaLaunchTemplate: true,
      },
      // Only while it is made: whoever could tag any instance could have any instance terminated by its tag.
      {
        actions: ['ec2:CreateTags'],
        resources: [instance],
        isNew: true,
        condition: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
      },
      { actions: ['ec2:TerminateInstances'], resources: [instance], byTag: true },
    ],
    reads: [...readInstances, 'ec2:DescribeLaunchTemplateVersions'],
  },
  'asg-scale': {
    service: 'autoscaling',
    statements: [{ actions: ['autoscaling:SetDesiredCapacity'], resources: [group], byTag: true }],
    reads: readGroups,
  },
  'asg-refresh': {
    service: 'autoscaling',
    statements: [
      {
        actions: ['autoscaling:StartInstanceRefresh', 'autoscaling:CancelInstanceRefresh'],
        resources: [group],
        byTag: true,
      },
    ],
    reads: [...readGroups, 'autoscaling:DescribeInstanceRefreshes'],
  },
  'ecs-redeploy': {
    service: 'ecs',
    statements: [{ actions: ['ecs:UpdateService'], resources: [ecsService], byTag: true }],
    reads: readServices,
  },
  'ecs-scale': {
    service: 'ecs',
    statements: [{ actions: ['ecs:UpdateService'], resources: [ecsService], byTag: true }],
    reads: readServices,
  },
  'ecs-rollback': {
    service: 'ecs',
    statements: [{ actions: ['ecs:UpdateService'], resources: [ecsService], byTag: true }],
    reads: readServices,
  },
  'lambda-alias': {
    service: 'lambda',
    statements: [{ actions: ['lambda:UpdateAlias'], resources: [lambdaFunction] }],
    reads: readFunctions,
  },
  'lambda-concurrency': {
    service: 'lambda',
    statements: [
      {
        actions: ['lambda:PutProvisionedConcurrencyConfig', 'lambda:DeleteProvisionedConcurrencyConfig'],
        resources: [lambdaFunction],
      },
    ],
    reads: readFunctions,
  },
  'rds-reboot': {
    service: 'rds',
    statements: [{ actions: ['rds:RebootDBInstance'], resources: [of('rds', 'db:*')], byTag: true }],
    reads: readDatabases,
  },
  'rds-failover': {
    service: 'rds',
    statements: [
      {
        actions: ['rds:FailoverDBCluster'],
        resources: [of('rds', 'cluster:*'), of('rds', 'db:*')],
        byTag: true,
      },
    ],
    reads: readDatabases,
  },
  'ebs-snapshot-delete': {
    service: 'ec2',
    isDestructive: true,
    statements: [
      { actions: ['ec2:CreateSnapshot'], resources: [of('ec2', 'volume/*')], byTag: true },
      {
        actions: ['ec2:CreateSnapshot'],
        resources: ['arn:{partition}:ec2:{region}::snapshot/*'],
        isNew: true,
      },
      { actions: ['ec2:DeleteVolume'], resources: [of('ec2', 'volume/*')], byTag: true },
    ],
    reads: ['ec2:DescribeVolumes', 'ec2:DescribeSnapshots'],
  },
  'ssm-automation': {
    service: 'ssm',
    statements: [
      {
        // IAM knows a document that is run by either name.
        actions: ['ssm:StartAutomationExecution'],
        resources: ['arn:{partition}:ssm:{region}:*:automation-definition/*:*', ssmDocument],
      },
      {
        actions: ['ssm:StartAutomationExecution'],
        resources: [of('ssm', 'automation-execution/*')],
        isNew: true,
      },
    ],
    reads: ['ssm:GetAutomationExecution', 'ssm:DescribeDocument'],
  },
  'ssm-run-command': {
    service: 'ssm',
    statements: [
      { actions: ['ssm:SendCommand'], resources: [ssmDocument] },
      { actions: ['ssm:SendCommand'], resources: [instance], byTag: true },
    ],
    reads: ['ssm:GetCommandInvocation', 'ssm:DescribeDocument', 'ssm:DescribeInstanceInformation'],
  },
  'codedeploy-rollback': {
    service: 'codedeploy',
    statements: [
      { actions: ['codedeploy:StopDeployment'], resources: [of('codedeploy', 'deploymentgroup:*')] },
    ],
    reads: ['codedeploy:GetDeployment', 'codedeploy:ListDeployments', 'codedeploy:GetDeploymentGroup'],
  },
  'cloudformation-continue': {
    service: 'cloudformation',
    statements: [{ actions: ['cloudformation:ContinueUpdateRollback'], resources: [stack], byTag: true }],
    reads: ['cloudformation:DescribeStacks'],
  },
  'cloudformation-cancel': {
    service: 'cloudformation',
    statements: [{ actions: ['cloudformation:CancelUpdateStack'], resources: [stack], byTag: true }],
    reads: ['cloudformation:DescribeStacks'],
  },
  'cloudformation-rollback': {
    service: 'cloudformation',
    statements: [{ actions: ['cloudformation:RollbackStack'], resources: [stack], byTag: true }],
    reads: ['cloudformation:DescribeStacks'],
  },
  'cloudcontrol-patch': {
    service: 'cloudformation',
    // Cloud Control calls the type's own service with the caller's permissions: `homeostat.actions` names the types,
    // and their schemas' permissions join this statement.
    statements: [{ actions: ['cloudformation:UpdateResource'], resources: ['*'] }],
    // The last: who writes what drifts again and again, so that the hold can name them.
    reads: [
      'cloudformation:GetResource',
      'cloudformation:GetResourceRequestStatus',
      'cloudtrail:LookupEvents',
    ],
  },
  'docker-restart': { service: 'none', statements: [], reads: [] },
  'process-restart': { service: 'none', statements: [], reads: [] },
  webhook: { service: 'none', statements: [], reads: [] },
  /** How many checks the runner of Homeostat looks at side by side. */
  'probe-concurrency': { service: 'none', statements: [], reads: [] },
} as const satisfies Record<string, ActionGrant>;

export type ActionKind = keyof typeof actionGrants;
export const actionKinds = Object.keys(actionGrants) as readonly ActionKind[];
