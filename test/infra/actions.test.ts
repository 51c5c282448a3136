import { beforeAll, describe, expect, test } from 'vitest';
import { actionGrants, actionKinds } from '../../shared/platform/action-kinds.ts';
import {
  at,
  everyAction,
  everything,
  functionCalled,
  list,
  named,
  ofType,
  type Resource,
  roleOf,
  type Statement,
  statementsOf,
  synthesized,
  type Template,
  theirFunction,
} from './assembly.ts';

const slow = 60_000;
let template: Template;
beforeAll(async () => {
  template = await synthesized(everything);
}, slow);

/** A join as one text, references in angle brackets. */
const flat = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const join = at(value, 'Fn::Join');
  if (Array.isArray(join)) return list(join[1]).map(flat).join(String(join[0]));
  return `<${String(at(value, 'Ref'))}>`;
};
const short = (arn: unknown): string =>
  flat(arn).replace(/^arn:<AWS::Partition>:(\w+):<AWS::Region>:<AWS::AccountId>:/, '$1 ');

const rolesOf = (from: Template): Readonly<Record<string, Resource>> =>
  Object.fromEntries(
    ofType(from, 'AWS::IAM::Role')
      .filter(([id]) => id.startsWith('Action'))
      .map(([, role]) => [/action ([\w-]+)/.exec(String(role.Properties.Description))?.[1] ?? '', role]),
  );
const statementsFor = (kind: string, from = template): readonly Statement[] => {
  const role = rolesOf(from)[kind];
  if (!role) throw new Error(`there is no role of the action ${kind}`);
  return statementsOf(role);
};
const inOwnWords = (kind: string, from = template): readonly string[] =>
  statementsFor(kind, from).map(({ Action, Resource, Condition }) =>
    [
      list(Action).join(' '),
      'on',
      list(Resource).map(short).join(' '),
      Condition ? JSON.stringify(Condition) : '',
    ]
      .filter(Boolean)
      .join(' '),
  );
const tagged = '{"StringEquals":{"aws:ResourceTag/homeostat":"heal"}}';

/** What each role allows, word for word: from the Service Authorization Reference, one page a service. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'ec2-reboot': [`ec2:RebootInstances on ec2 instance/* ${tagged}`],
  'ec2-stop': [`ec2:StopInstances on ec2 instance/* ${tagged}`],
  'ec2-start': [`ec2:StartInstances on ec2 instance/* ${tagged}`],
  'ec2-replace': [
    `autoscaling:SetInstanceHealth on autoscaling autoScalingGroup:*:autoScalingGroupName/* ${tagged}`,
  ],
  reprovision: [
    'ec2:RunInstances on arn:aws:ec2:us-east-1:111122223333:launch-template/lt-0a1b2c3d',
    'ec2:RunInstances on ec2 instance/* ec2 key-pair/* ec2 network-interface/* ec2 security-group/* ec2 subnet/* ec2 volume/* ' +
      'arn:<AWS::Partition>:ec2:<AWS::Region>::image/* ' +
      '{"ArnEquals":{"ec2:LaunchTemplate":["arn:aws:ec2:us-east-1:111122223333:launch-template/lt-0a1b2c3d"]}}',
    'ec2:CreateTags on ec2 instance/* {"StringEquals":{"ec2:CreateAction":"RunInstances"}}',
    `ec2:TerminateInstances on ec2 instance/* ${tagged}`,
  ],
  'asg-scale': [
    `autoscaling:SetDesiredCapacity on autoscaling autoScalingGroup:*:autoScalingGroupName/* ${tagged}`,
  ],
  'asg-refresh': [
    `autoscaling:StartInstanceRefresh autoscaling:CancelInstanceRefresh on autoscaling autoScalingGroup:*:autoScalingGroupName/* ${tagged}`,
  ],
  'ecs-redeploy': [`ecs:UpdateService on ecs service/* ${tagged}`],
  'ecs-scale': [`ecs:UpdateService on ecs service/* ${tagged}`],
  'ecs-rollback': [`ecs:UpdateService on ecs service/* ${tagged}`],
  'lambda-alias': [`lambda:UpdateAlias on ${theirFunction} ${theirFunction}:*`],
  'lambda-concurrency': [
    `lambda:PutProvisionedConcurrencyConfig lambda:DeleteProvisionedConcurrencyConfig on ${theirFunction} ${theirFunction}:*`,
  ],
  'rds-reboot': [`rds:RebootDBInstance on rds db:* ${tagged}`],
  'rds-failover': [`rds:FailoverDBCluster on rds cluster:* rds db:* ${tagged}`],
  'ebs-snapshot-delete': [
    `ec2:CreateSnapshot on ec2 volume/* ${tagged}`,
    'ec2:CreateSnapshot on arn:<AWS::Partition>:ec2:<AWS::Region>::snapshot/*',
    `ec2:DeleteVolume on ec2 volume/* ${tagged}`,
  ],
  'ssm-automation': [
    'ssm:StartAutomationExecution on ' +
      'arn:<AWS::Partition>:ssm:<AWS::Region>:*:automation-definition/AWS-RestartEC2Instance:* ' +
      'ssm automation-definition/RestartShop:* ' +
      'arn:<AWS::Partition>:ssm:<AWS::Region>:*:document/AWS-RestartEC2Instance ssm document/RestartShop',
    'ssm:StartAutomationExecution on ssm automation-execution/*',
  ],
  'ssm-run-command': [
    'ssm:SendCommand on arn:<AWS::Partition>:ssm:<AWS::Region>:*:document/AWS-RunShellScript',
    `ssm:SendCommand on ec2 instance/* ${tagged}`,
  ],
  'codedeploy-rollback': [
    'codedeploy:StopDeployment on arn:aws:codedeploy:us-east-1:111122223333:deploymentgroup:shop/production',
  ],
  'cloudformation-continue': [`cloudformation:ContinueUpdateRollback on cloudformation stack/* ${tagged}`],
  'cloudformation-cancel': [`cloudformation:CancelUpdateStack on cloudformation stack/* ${tagged}`],
  'cloudformation-rollback': [`cloudformation:RollbackStack on cloudformation stack/* ${tagged}`],
};

describe('the role of an action', () => {
  test('is there for every kind that calls AWS, and for no other', () => {
    const callsAws = actionKinds.filter((kind) => actionGrants[kind].service !== 'none');
    expect(Object.keys(rolesOf(template)).sort()).toEqual([...callsAws].sort());
    expect(Object.keys(allowed).sort()).toEqual(
      callsAws.filter((kind) => kind !== 'cloudcontrol-patch').sort(),
    );
  });

  test.each(Object.entries(allowed))(
    'of %s allows just what it calls, on what was opted in',
    (kind, words) => {
      expect(inOwnWords(kind)).toEqual(words);
    },
  );

  test('of cloudcontrol-patch changes nothing but the types that were named, by tag or by ARN', () => {
    const changing = statementsFor('cloudcontrol-patch').filter(
      ({ Action }) => !list(Action).every((action) => /^\w+:(Get|List|Describe)/.test(String(action))),
    );
    expect(changing.map(({ Resource, Condition }) => [list(Resource).map(short), Condition])).toEqual([
      // It knows no narrower resource; what it may do to one, the permissions of the type decide.
      [['*'], undefined],
      [['sqs *'], { StringEquals: { 'aws:ResourceTag/homeostat': 'heal' } }],
      [['arn:aws:s3:::shop-assets'], undefined],
    ]);
    expect(list(changing[0]?.Action)).toEqual(['cloudformation:UpdateResource']);
  });

  test('can be taken by nothing but the function that applies plans, for an hour at most', () => {
    const [, apply] = functionCalled(template, 'remedy-apply');
    for (const [kind, { Properties: own }] of Object.entries(rolesOf(template))) {
      expect([kind, own.MaxSessionDuration]).toEqual([kind, 3600]);
      expect(at(own, 'AssumeRolePolicyDocument', 'Statement')).toEqual([
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: apply.Properties.Role } },
      ]);
    }
    const taking = ofType(template, 'AWS::IAM::Policy').flatMap(([, { Properties: own }]) =>
      list(at(own, 'PolicyDocument', 'Statement')),
    );
    expect(taking).toHaveLength(1);
    expect(at(taking[0], 'Action')).toEqual(['sts:AssumeRole']);
    const ids = ofType(template, 'AWS::IAM::Role').filter(([id]) => id.startsWith('Action'));
    expect(list(at(taking[0], 'Resource')).map(named).sort()).toEqual(ids.map(([id]) => id).sort());
  });

  test('is found by that function, by name behind what the ARNs of all begin with', () => {
    const [, apply] = functionCalled(template, 'remedy-apply');
    const address = flat(at(apply.Properties, 'Environment', 'Variables', 'HOMEOSTAT_ACTION_ROLES'));
    const [prefix, ...pairs] = address.split(',');
    expect(prefix).toBe('arn:<AWS::Partition>:iam::<AWS::AccountId>:role/');
    expect(pairs.map((pair) => pair.split('=')[0]).sort()).toEqual(Object.keys(rolesOf(template)).sort());
    for (const pair of pairs) expect(pair).toMatch(/=<Action\w+>$/);
  });
});

describe('what no role of an action may ever do', () => {
  const every = (): readonly (readonly [kind: string, action: string])[] =>
    Object.keys(rolesOf(template)).flatMap((kind) =>
      statementsFor(kind).flatMap(({ Action }) =>
        list(Action).map((action) => [kind, String(action)] as const),
      ),
    );

  test('touch identities, permissions, organisations, keys, logs of what happened, or Homeostat itself', () => {
    const never = /^(iam|sts|organizations|account|kms|cloudtrail|config|sso|secretsmanager|states|events):/;
    expect(every().filter(([, action]) => never.test(action))).toEqual([]);
    expect(every().filter(([, action]) => /Policy|Permission|Acl|Grant/.test(action))).toEqual([]);
  });

  test('allow an action by a wildcard', () => {
    expect(every().filter(([, action]) => action.includes('*'))).toEqual([]);
  });

  test('remove anything, but the two kinds that are destructive by name', () => {
    const removing = /^\w+:(Delete|Terminate|Deregister|Remove|Purge|Destroy|Release|Detach)/;
    // These two take a setting away and leave the thing.
    const settings = ['lambda:DeleteProvisionedConcurrencyConfig', 's3:DeleteBucketWebsite'];
    const found = every().filter(([, action]) => removing.test(action) && !settings.includes(action));
    expect(found).toEqual([
      ['reprovision', 'ec2:TerminateInstances'],
      ['ebs-snapshot-delete', 'ec2:DeleteVolume'],
    ]);
    for (const [kind] of found) expect(actionGrants[kind as 'reprovision'].isDestructive).toBe(true);
  });

  test('change what carries no tag and stands in no list', () => {
    const open = Object.keys(rolesOf(template)).flatMap((kind) =>
      statementsFor(kind)
        .filter(({ Condition }) => Condition === undefined)
        .filter(
          ({ Action }) => !list(Action).every((action) => /^\w+:(Get|List|Describe)/.test(String(action))),
        )
        .flatMap(({ Action, Resource }) =>
          list(Resource)
            .map(flat)
            // A document of AWS lies in an account of AWS; a function's aliases and versions are its own.
            .filter((arn) => arn.replace(/:\*:(document|automation-definition)\//, '').includes('*'))
            .filter((arn) => !arn.endsWith(':*'))
            .map((arn) => `${list(Action).join(' ')} on ${arn}`),
        ),
    );
    expect(open).toEqual([
      // What the call itself makes: nothing that is there can be meant by it.
      'ec2:CreateSnapshot on arn:<AWS::Partition>:ec2:<AWS::Region>::snapshot/*',
      'ssm:StartAutomationExecution on arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:automation-execution/*',
      // It does nothing without the permissions of a type.
      'cloudformation:UpdateResource on *',
    ]);
  });
});

describe('what was not opted in', () => {
  test(
    'is not there: neither role nor reading, nor an address of them',
    async () => {
      const alone = await synthesized();
      expect(rolesOf(alone)).toEqual({});
      expect(ofType(alone, 'AWS::IAM::Policy')).toEqual([]);
      for (const name of ['planner', 'remedy-gate', 'remedy-verify', 'remedy-apply']) {
        const variables = at(functionCalled(alone, name)[1].Properties, 'Environment', 'Variables');
        expect(at(variables, 'HOMEOSTAT_ACTION_ROLES')).toBeUndefined();
        expect(at(variables, 'HOMEOSTAT_ACTION_TARGETS')).toBeUndefined();
        expect(at(variables, 'HOMEOSTAT_ACTION_KINDS')).toBe('');
        const sids = statementsOf(roleOf(alone, name)).map(({ Sid }) => Sid);
        expect(sids.filter((sid) => sid.startsWith('Action'))).toEqual([]);
      }
    },
    slow,
  );

  test(
    'one kind brings its own role and its own reading, and a kind without AWS brings neither',
    async () => {
      const one = await synthesized({ actions: { 'rds-reboot': { tags: { heal: 'yes' } }, webhook: {} } });
      expect(Object.keys(rolesOf(one))).toEqual(['rds-reboot']);
      const reads = statementsOf(roleOf(one, 'planner')).filter(({ Sid }) => Sid.startsWith('ActionTargets'));
      expect(reads.flatMap(({ Action }) => list(Action))).toEqual([
        'rds:DescribeDBInstances',
        'rds:DescribeDBClusters',
      ]);
      const [, planner] = functionCalled(one, 'planner');
      expect(at(planner.Properties, 'Environment', 'Variables')).toMatchObject({
        HOMEOSTAT_ACTION_KINDS: 'rds-reboot,webhook',
        HOMEOSTAT_ACTION_TARGETS: 'rds',
      });
      const none = await synthesized({ actions: { webhook: {} } });
      expect(ofType(none, 'AWS::IAM::Policy')).toEqual([]);
    },
    slow,
  );
});

describe('tags and ARNs together', () => {
  const database = 'arn:aws:rds:us-east-1:111122223333:db:orders';
  test(
    'both must hold: the resource is one of the listed, and carries every tag',
    async () => {
      const both = await synthesized({
        actions: { 'rds-reboot': { tags: { heal: 'yes', stage: 'production' }, arns: [database] } },
      });
      expect(inOwnWords('rds-reboot', both)).toEqual([
        `rds:RebootDBInstance on ${database} {"StringEquals":{"aws:ResourceTag/heal":"yes","aws:ResourceTag/stage":"production"}}`,
      ]);
      const listed = await synthesized({ actions: { 'rds-reboot': { arns: [database] } } });
      expect(inOwnWords('rds-reboot', listed)).toEqual([`rds:RebootDBInstance on ${database}`]);
    },
    slow,
  );

  test(
    'on one machine * stands for whatever the credentials reach',
    async () => {
      const any = await synthesized({ actions: { 'rds-reboot': { arns: ['*'] } } });
      expect(inOwnWords('rds-reboot', any)).toEqual(['rds:RebootDBInstance on rds db:*']);
    },
    slow,
  );
});

describe('limits of CloudFormation and IAM', () => {
  /** With every reference as long as what it can stand for, and blanks not counted, as IAM counts. */
  const longest = (value: unknown): number =>
    JSON.stringify(value, (_, inner: unknown) => {
      if (at(inner, 'Fn::GetAtt') || at(inner, 'Fn::Join')) return 'x'.repeat(128);
      return inner;
    }).length;

  test(
    'the policies of every role fit into 10,240 characters, also with as many ARNs as the configuration takes',
    async () => {
      const arns = Array.from(
        { length: 40 },
        (_, at) => `arn:aws:rds:ap-southeast-2:111122223333:db:${'orders'.repeat(8)}${at}`,
      );
      const crowded = await synthesized({
        ...everything,
        actions: { ...everyAction, 'rds-reboot': { arns }, 'rds-failover': { arns } },
      });
      for (const [id, role] of ofType(crowded, 'AWS::IAM::Role')) {
        const beside = ofType(crowded, 'AWS::IAM::Policy').filter(([, { Properties: own }]) =>
          list(own.Roles).some((one) => named(one) === id),
        );
        const size =
          list(role.Properties.Policies).reduce<number>(
            (sum, policy) => sum + longest(at(policy, 'PolicyDocument')),
            0,
          ) + beside.reduce((sum, [, { Properties: own }]) => sum + longest(own.PolicyDocument), 0);
        expect([id, size <= 10_240]).toEqual([id, true]);
      }
    },
    slow,
  );

  test('the environment of every function fits into 4 KB, and the stack into one template', () => {
    for (const [id, { Properties: own }] of ofType(template, 'AWS::Lambda::Function')) {
      const variables = Object.entries(at(own, 'Environment', 'Variables') as Record<string, unknown>);
      // A name that CloudFormation makes up has 64 characters at most, an account twelve.
      const bytes = variables.reduce(
        (sum, [name, value]) =>
          sum + name.length + flat(value).replace(/<Action\w+>/g, 'x'.repeat(64)).length,
        0,
      );
      expect([id, bytes <= 4096]).toEqual([id, true]);
    }
    expect(Object.keys(template.Resources).length).toBeLessThan(500);
    expect(JSON.stringify(template, null, 1).length).toBeLessThan(1_000_000);
  });
});
