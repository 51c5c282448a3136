import {
  type AwsCall,
  arnOf,
  check,
  type Input,
  optionalText,
  type ServiceRules,
  text,
  texts,
} from './call.ts';

function ecsService(input: Input, call: AwsCall, name: string): string {
  const cluster = text(input, 'cluster').replace(/^arn:.*:cluster\//, '') || 'default';
  return name.startsWith('arn:') ? name : arnOf(call, 'ecs', `service/${cluster}/${name}`);
}

/** EC2 and Auto Scaling describe what they have on `*` only, as every operation that is in no table. */
export const ecs: ServiceRules = {
  operations: {
    DescribeServices: (input, call) => [
      check(
        'ecs:DescribeServices',
        texts(input.services).map((name) => ecsService(input, call, name)),
      ),
    ],
    UpdateService: (input, call) => [
      check('ecs:UpdateService', ecsService(input, call, text(input, 'service'))),
    ],
  },
};

function database(kind: 'db' | 'cluster', parameter: string) {
  return (input: Input, call: AwsCall): string => {
    const given = optionalText(input, parameter) ?? '*';
    return given.startsWith('arn:') ? given : arnOf(call, 'rds', `${kind}:${given}`);
  };
}
const instance = database('db', 'DBInstanceIdentifier');
const cluster = database('cluster', 'DBClusterIdentifier');
const failoverTarget = database('db', 'TargetDBInstanceIdentifier');

export const rds: ServiceRules = {
  operations: {
    DescribeDBInstances: (input, call) => [check('rds:DescribeDBInstances', instance(input, call))],
    DescribeDBClusters: (input, call) => [check('rds:DescribeDBClusters', cluster(input, call))],
    RebootDBInstance: (input, call) => [check('rds:RebootDBInstance', instance(input, call))],
    FailoverDBCluster: (input, call) => [
      check('rds:FailoverDBCluster', [
        cluster(input, call),
        ...(optionalText(input, 'TargetDBInstanceIdentifier') ? [failoverTarget(input, call)] : []),
      ]),
    ],
  },
};
